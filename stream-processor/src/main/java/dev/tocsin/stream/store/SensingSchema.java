package dev.tocsin.stream.store;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.flywaydb.core.Flyway;

/** Brings the schema {@code sensing} of one database to what this version of the code writes. */
public final class SensingSchema {
    private static final String ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtext('sensing.migrate'))";
    private static final String READERS = """
            do $$ begin
                if exists (select 1 from pg_roles where rolname = 'tocsin_api') then
                    grant usage on schema sensing to tocsin_api;
                    grant select on sensing.series, sensing.last_value, sensing.latest, sensing.reading_hour,
                        sensing.quality_hour, sensing.profile, sensing.alert, sensing.rejected to tocsin_api;
                    grant execute on function sensing.readings_of(text, text, timestamptz, timestamptz, int),
                        sensing.quality_of(text, date, date, text) to tocsin_api;
                end if;
            end $$""";

    private SensingSchema() {}

    /**
     * What a migration did.
     *
     * @param applied scripts that were new to this database
     * @param notes one sentence each about what the server does not offer or what was left as it was
     */
    public record Migrated(int applied, ServerFeatures features, List<String> notes) {}

    /**
     * Migrates; running it again changes nothing, running it twice at once is safe.
     *
     * @throws SQLException when the server refuses or is away; nothing is half done, and it may be called again
     */
    public static Migrated migrate(Database database, StoreSettings settings) throws SQLException {
        int applied = Flyway.configure(SensingSchema.class.getClassLoader())
                .dataSource(database.url(), database.user(), database.password())
                .locations("classpath:db/sensing")
                .schemas("sensing")
                .table("flyway_history")
                .load()
                .migrate()
                .migrationsExecuted;
        List<String> notes = new ArrayList<>();
        try (Connection connection = database.open()) {
            // Two migrations at once: the second waits here, twice, and finds everything done. An extension and rights
            // are rows of the catalogue, which two cannot change at once on any server.
            execute(connection, ONE_AT_A_TIME);
            createExtension(connection, notes);
            execute(connection, ONE_AT_A_TIME);
            ServerFeatures features = ServerFeatures.detect(connection);
            new HypertableShape(connection, features, settings, notes).apply();
            execute(
                    connection,
                    "revoke execute on function"
                            + " sensing.readings_of(text, text, timestamptz, timestamptz, int),"
                            + " sensing.quality_of(text, date, date, text) from public");
            ProfileTable.writeBuiltIn(connection);
            execute(connection, READERS);
            connection.commit();
            if ("off".equals(ServerFeatures.text(connection, "select current_setting('fsync')"))) {
                notes.add("The server runs with fsync = off: committed readings do not survive a loss of power.");
            }
            return new Migrated(applied, features, List.copyOf(notes));
        }
    }

    private static void createExtension(Connection connection, List<String> notes) throws SQLException {
        if (!ServerFeatures.canBeCreated(connection)) {
            connection.rollback();
            return;
        }
        try {
            execute(connection, "create extension if not exists timescaledb");
            connection.commit();
        } catch (SQLException e) {
            connection.rollback();
            notes.add("TimescaleDB is available and could not be created in this database (" + e.getMessage()
                    + "): a superuser may run CREATE EXTENSION timescaledb and migrate again.");
        }
    }

    static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
