package dev.tocsin.stream.store;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** What a test asks a database. */
public final class Rows {
    private Rows() {}

    /** Every row as a list of its columns. */
    public static List<List<Object>> of(Database database, String sql, Object... parameters) throws SQLException {
        try (Connection connection = database.open();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            List<List<Object>> rows = new ArrayList<>();
            try (ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    List<Object> row = new ArrayList<>();
                    for (int i = 1; i <= result.getMetaData().getColumnCount(); i++) {
                        row.add(result.getObject(i));
                    }
                    rows.add(row);
                }
            }
            return rows;
        }
    }

    public static long number(Database database, String sql, Object... parameters) throws SQLException {
        return ((Number) of(database, sql, parameters).get(0).get(0)).longValue();
    }

    /** Each in no transaction, or in one of its own making. */
    public static void alone(Database database, String... statements) throws SQLException {
        try (Connection connection = database.open()) {
            connection.setAutoCommit(true);
            for (String sql : statements) {
                SensingSchema.execute(connection, sql);
            }
        }
    }

    /** Runs the only job of TimescaleDB that has this procedure. */
    public static void runJob(Database database, String procedure) throws SQLException {
        long job = number(
                database,
                "select job_id from timescaledb_information.jobs where hypertable_schema = 'sensing' and proc_name = ?",
                procedure);
        alone(database, "call run_job(" + job + ")");
    }

    public static void execute(Database database, String sql) throws SQLException {
        try (Connection connection = database.open()) {
            SensingSchema.execute(connection, sql);
            connection.commit();
        }
    }
}
