package dev.tocsin.standalone.database;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/** The database, its two owners and the schema of each. What is in a schema is its owner's affair. */
final class Schemas {
    static final String DATABASE = "tocsin";
    private static final Map<DatabaseRole, String> SCHEMAS =
            Map.of(DatabaseRole.STREAM, "sensing", DatabaseRole.API, "ops");

    private Schemas() {}

    /** Makes what is missing; harmless at every start. */
    static void prepare(DatabaseFolder folder, int port) throws IOException, SQLException {
        try (Connection server = connect(folder, port, "postgres");
                Statement statement = server.createStatement()) {
            for (DatabaseRole role : SCHEMAS.keySet()) {
                if (isMissing(server, "SELECT 1 FROM pg_roles WHERE rolname = ?", role.user())) {
                    statement.execute("CREATE ROLE " + role.user() + " LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE");
                }
                // The file is what the processes are given: it decides, also after a restored back-up.
                statement.execute("ALTER ROLE " + role.user() + " PASSWORD '" + folder.password(role) + "'");
            }
            if (isMissing(server, "SELECT 1 FROM pg_database WHERE datname = ?", DATABASE)) {
                statement.execute("CREATE DATABASE " + DATABASE);
            }
        }
        try (Connection database = connect(folder, port, DATABASE);
                Statement statement = database.createStatement()) {
            statement.execute("REVOKE ALL ON DATABASE " + DATABASE + " FROM PUBLIC");
            statement.execute("REVOKE ALL ON SCHEMA public FROM PUBLIC");
            for (Map.Entry<DatabaseRole, String> owned : SCHEMAS.entrySet()) {
                String user = owned.getKey().user();
                statement.execute("GRANT CONNECT, TEMPORARY ON DATABASE " + DATABASE + " TO " + user);
                statement.execute("CREATE SCHEMA IF NOT EXISTS " + owned.getValue() + " AUTHORIZATION " + user);
            }
        }
    }

    static Connection connect(DatabaseFolder folder, int port, String database) throws IOException, SQLException {
        return DriverManager.getConnection(
                url(port, database) + "?connectTimeout=5&socketTimeout=30",
                DatabaseRole.OWNER.user(),
                folder.password(DatabaseRole.OWNER));
    }

    static String url(int port, String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    private static boolean isMissing(Connection connection, String query, String name) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setString(1, name);
            try (ResultSet rows = statement.executeQuery()) {
                return !rows.next();
            }
        }
    }
}
