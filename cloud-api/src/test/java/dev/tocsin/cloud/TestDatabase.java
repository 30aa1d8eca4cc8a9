package dev.tocsin.cloud;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** A real PostgreSQL with a fresh database for every instance. The server is one for all tests of the JVM. */
final class TestDatabase {
    private static final EmbeddedPostgres SERVER = start();
    private static int count;

    final String name;

    TestDatabase() throws Exception {
        synchronized (TestDatabase.class) {
            name = "test" + ++count;
        }
        try (Connection connection = DriverManager.getConnection(SERVER.getJdbcUrl("postgres", "postgres"))) {
            connection.createStatement().execute("create database " + name);
        }
        try (var in = TestDatabase.class.getResourceAsStream("/sensing.sql")) {
            execute(new String(in.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    String url() {
        return SERVER.getJdbcUrl("postgres", name);
    }

    int port() {
        return SERVER.getPort();
    }

    void execute(String sql, Object... values) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url());
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            statement.execute();
        }
    }

    List<String> column(String sql) throws SQLException {
        List<String> values = new ArrayList<>();
        try (Connection connection = DriverManager.getConnection(url());
                ResultSet rows = connection.createStatement().executeQuery(sql)) {
            while (rows.next()) {
                values.add(rows.getString(1));
            }
        }
        return values;
    }

    /** Ends every connection and lets no new one in. */
    void cutOff() throws SQLException {
        try (Connection connection = DriverManager.getConnection(SERVER.getJdbcUrl("postgres", "postgres"))) {
            connection.createStatement().execute("alter database " + name + " allow_connections false");
            connection
                    .createStatement()
                    .execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = '" + name + "'");
        }
    }

    void bringBack() throws SQLException {
        try (Connection connection = DriverManager.getConnection(SERVER.getJdbcUrl("postgres", "postgres"))) {
            connection.createStatement().execute("alter database " + name + " allow_connections true");
        }
    }

    private static EmbeddedPostgres start() {
        try {
            EmbeddedPostgres server = EmbeddedPostgres.builder().start();
            Runtime.getRuntime().addShutdownHook(new Thread(() -> {
                try {
                    server.close();
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }));
            return server;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
