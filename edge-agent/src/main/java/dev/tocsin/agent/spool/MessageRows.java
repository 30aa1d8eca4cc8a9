package dev.tocsin.agent.spool;

import dev.tocsin.profiles.wire.Lane;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** The rows of alerts, and of what was rejected or seen. For the writer thread. */
final class MessageRows {
    static final String ALERT = "lane = '" + Lane.ALERT.topicLevel() + "'";
    static final String NOT_ALERT = "lane <> '" + Lane.ALERT.topicLevel() + "'";

    private final Sql sql;
    private final PreparedStatement insert;

    MessageRows(Connection connection) throws SQLException {
        sql = new Sql(connection);
        insert = connection.prepareStatement("INSERT INTO message (lane, at, body) VALUES (?, ?, ?)");
    }

    /** @return bytes and rows */
    long[] size(String where) throws SQLException {
        long[] size = sql.pair("SELECT coalesce(sum(length(body) + " + SpoolLimits.ROW_BYTES
                + "), 0), count(*) FROM message WHERE " + where);
        return size == null ? new long[2] : size;
    }

    Usage insert(Usage usage, Draft.Message message, long ageMs) throws SQLException {
        insert.setString(1, message.lane().topicLevel());
        insert.setLong(2, ageMs);
        insert.setBytes(3, message.body());
        insert.executeUpdate();
        return grown(usage, message.lane() == Lane.ALERT, message.body().length + SpoolLimits.ROW_BYTES, 1);
    }

    Usage delete(Usage usage, long id) throws SQLException {
        long[] message = sql.pair("SELECT " + ALERT + ", length(body) FROM message WHERE id = " + id);
        if (message == null) {
            return usage;
        }
        sql.execute("DELETE FROM message WHERE id = " + id);
        return grown(usage, message[0] == 1, -message[1] - SpoolLimits.ROW_BYTES, -1);
    }

    /** @param where {@link #ALERT} or {@link #NOT_ALERT}, of which there is one */
    Usage deleteOldest(Usage usage, String where) throws SQLException {
        return delete(usage, sql.number("SELECT min(id) FROM message WHERE " + where));
    }

    /** By the clock of {@link SpoolAge}; {@link Long#MAX_VALUE} without any. */
    long oldestAtMs(String where) throws SQLException {
        return sql.number("SELECT coalesce((SELECT at FROM message WHERE " + where + " ORDER BY id LIMIT 1), "
                + Long.MAX_VALUE + ")");
    }

    private static Usage grown(Usage usage, boolean alert, long bytes, long rows) {
        return alert ? usage.plusAlerts(bytes, rows) : usage.plusOthers(bytes, rows);
    }
}
