package dev.tocsin.stream.store;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Real servers that tests create databases on, each reached as superuser. */
public enum TestServer {
    /** PostgreSQL at {@code TOCSIN_TEST_DATABASE_URL}, or an embedded one that lives as long as the tests. */
    PLAIN("TOCSIN_TEST_DATABASE_URL"),
    /** TimescaleDB at {@code TOCSIN_TEST_TIMESCALE_URL}, for example {@code jdbc:postgresql://host:5432/postgres?user=me}. */
    TIMESCALE("TOCSIN_TEST_TIMESCALE_URL"),
    /** TimescaleDB that runs with {@code timescaledb.license = apache}, at {@code TOCSIN_TEST_TIMESCALE_APACHE_URL}. */
    TIMESCALE_APACHE("TOCSIN_TEST_TIMESCALE_APACHE_URL");

    private static @Nullable EmbeddedPostgres embedded;

    private final String variable;

    TestServer(String variable) {
        this.variable = variable;
    }

    /** A database that no other test sees, dropped when the tests end. */
    public Database newDatabase() {
        String url = url();
        String name = "tocsin_" + UUID.randomUUID().toString().replace("-", "");
        execute(url, "create database " + name);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            if (System.getenv(variable) != null) {
                execute(url, "drop database if exists " + name + " with (force)");
            }
        }));
        return new Database(url.replaceFirst("/[^/?]*(\\?|$)", "/" + name + "$1"), "postgres", "");
    }

    /** A database with the schema, in which no job runs unless it is called: it would meet the test's own doing. */
    public Database migrated() throws SQLException {
        return migrated(StoreSettings.DEFAULT);
    }

    Database migrated(StoreSettings settings) throws SQLException {
        Database database = newDatabase();
        if (SensingSchema.migrate(database, settings).features().columnstore()) {
            Rows.execute(
                    database,
                    "select public.alter_job(job_id, scheduled => false) from timescaledb_information.jobs"
                            + " where hypertable_schema is not null");
        }
        return database;
    }

    private String url() {
        String url = System.getenv(variable);
        if (url != null) {
            return url;
        }
        assumeTrue(this == PLAIN, variable + " names no server");
        return embedded();
    }

    private static synchronized String embedded() {
        try {
            if (embedded == null) {
                embedded = EmbeddedPostgres.builder().start();
            }
            return embedded.getJdbcUrl("postgres", "postgres");
        } catch (IOException e) {
            throw new UncheckedIOException("embedded PostgreSQL did not start", e);
        }
    }

    private static void execute(String url, String sql) {
        try (Connection connection = DriverManager.getConnection(url, "postgres", "");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(sql + " at " + url, e);
        }
    }
}
