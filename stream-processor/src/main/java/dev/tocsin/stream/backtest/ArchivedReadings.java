package dev.tocsin.stream.backtest;

import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.stream.store.Database;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.ZoneOffset;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The readings of a span in the order in which the agents received them, which is the order in which they were judged.
 * The server sorts them, on its disk where they are many; here no more than {@link #FETCHED} are in memory, and the
 * names of all series. The archive does not keep the sequence: of one instant of receipt, a device's readings come by
 * their own time. For one thread.
 */
final class ArchivedReadings implements AutoCloseable {
    private static final int FETCHED = 10_000;

    private static final String SERIES = "select id, gateway, device, metric, profile from sensing.series";
    private static final String READINGS = """
            select series, received_at, observed_at, value, quality, replayed from sensing.reading
            where observed_at >= ? and observed_at < ?
            order by received_at, series, observed_at""";

    private final Connection connection;
    private final Map<Integer, Series> series;
    private final ResultSet rows;

    private record Series(String gateway, String device, String metric, String profile) {}

    /** A reading with what the message that brought it said once for all of its readings. */
    record Row(String gateway, String profile, boolean replayed, Reading reading) {}

    private ArchivedReadings(Connection connection, Map<Integer, Series> series, ResultSet rows) {
        this.connection = connection;
        this.series = series;
        this.rows = rows;
    }

    static ArchivedReadings open(Database database, Span span) throws SQLException {
        Connection connection = database.openForReading();
        try {
            PreparedStatement query = connection.prepareStatement(READINGS);
            query.closeOnCompletion();
            query.setFetchSize(FETCHED);
            query.setObject(1, span.from().atOffset(ZoneOffset.UTC));
            query.setObject(2, span.to().atOffset(ZoneOffset.UTC));
            return new ArchivedReadings(connection, series(connection), query.executeQuery());
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** The next; null after the last. */
    @Nullable
    Row next() throws SQLException {
        if (!rows.next()) {
            return null;
        }
        Series of = series.get(rows.getInt(1));
        if (of == null) {
            throw new SQLException("a reading is of series " + rows.getInt(1) + ", which does not exist");
        }
        Reading reading = new Reading(
                of.device,
                of.metric,
                rows.getDouble(4),
                rows.getTimestamp(3).getTime(),
                rows.getTimestamp(2).getTime(),
                Quality.of(rows.getInt(5)));
        return new Row(of.gateway, of.profile, rows.getBoolean(6), reading);
    }

    private static Map<Integer, Series> series(Connection connection) throws SQLException {
        Map<Integer, Series> series = new HashMap<>();
        // Thousands of series share the names of few gateways, metrics and profiles.
        Map<String, String> names = new HashMap<>();
        try (Statement statement = connection.createStatement()) {
            statement.setFetchSize(FETCHED);
            try (ResultSet rows = statement.executeQuery(SERIES)) {
                while (rows.next()) {
                    series.put(
                            rows.getInt(1),
                            new Series(
                                    once(rows.getString(2), names),
                                    once(rows.getString(3), names),
                                    once(rows.getString(4), names),
                                    once(rows.getString(5), names)));
                }
            }
        }
        return series;
    }

    private static String once(String name, Map<String, String> names) {
        String known = names.putIfAbsent(name, name);
        return known == null ? name : known;
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
