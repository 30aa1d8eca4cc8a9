package dev.tocsin.agent.spool;

import java.nio.ByteBuffer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import org.jspecify.annotations.Nullable;

/** Short statements of the one that writes. For one thread. */
final class Sql {
    private final Connection connection;

    Sql(Connection connection) {
        this.connection = connection;
    }

    void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    /** The first column of the first row, of which there is one. */
    long number(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    /** The first two columns of the first row, or nothing where there is none. */
    long @Nullable [] pair(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? new long[] {row.getLong(1), row.getLong(2)} : null;
        }
    }

    /** How numbers are kept in a column. */
    static byte[] bytes(long... longs) {
        ByteBuffer buffer = ByteBuffer.allocate(longs.length * Long.BYTES);
        buffer.asLongBuffer().put(longs);
        return buffer.array();
    }

    /** None of what is no such column: a damaged row may hold anything. */
    static long[] longs(byte @Nullable [] bytes) {
        if (bytes == null) {
            return new long[0];
        }
        long[] longs = new long[bytes.length / Long.BYTES];
        ByteBuffer.wrap(bytes).asLongBuffer().get(longs);
        return longs;
    }
}
