package dev.tocsin.agent.spool;

import dev.tocsin.profiles.wire.Sequences;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The rows of readings: a block each, or many that were packed together. For the writer thread. */
final class BlockRows {
    /** Blocks that an outage holds back for this long are packed together. */
    private static final long PACK_AFTER_MS = 30_000;

    private static final int PACK_AT_LEAST = 64;
    private static final int PACK_AT_MOST = 512;
    private static final int PACK_BYTES = 128 * 1024;

    private final Connection connection;
    private final Sql sql;
    private final PreparedStatement insert;
    private final PreparedStatement insertPacked;
    /** What the broker has of rows that are still here. */
    private final Sequences confirmed;

    /** Up to here every block is packed. */
    private long packedUpTo;

    BlockRows(Connection connection, Sequences confirmed) throws SQLException {
        this.connection = connection;
        this.confirmed = confirmed;
        sql = new Sql(connection);
        insert = connection.prepareStatement("INSERT INTO block (first, last, at, body) VALUES (?, ?, ?, ?)");
        insertPacked =
                connection.prepareStatement("INSERT INTO block (first, last, at, packed, body) VALUES (?, ?, ?, 1, ?)");
        packedUpTo = sql.number("SELECT coalesce(max(last), 0) FROM block WHERE packed = 1");
    }

    /** @return bytes and rows */
    long[] size() throws SQLException {
        long[] size =
                sql.pair("SELECT coalesce(sum(length(body) + " + SpoolLimits.ROW_BYTES + "), 0), count(*) FROM block");
        return size == null ? new long[2] : size;
    }

    Usage insert(Usage usage, long first, long last, long atMs, byte[] body) throws SQLException {
        return insert(insert, usage, first, last, atMs, body);
    }

    private static Usage insert(PreparedStatement statement, Usage usage, long first, long last, long atMs, byte[] body)
            throws SQLException {
        statement.setLong(1, first);
        statement.setLong(2, last);
        statement.setLong(3, atMs);
        statement.setBytes(4, body);
        statement.executeUpdate();
        return usage.plusBlocks(body.length + SpoolLimits.ROW_BYTES, 1);
    }

    Usage delete(Usage usage, long first, long last) throws SQLException {
        // Both ends: blocks that were on their way may by now be part of a larger row, which then stays.
        String where = " FROM block WHERE first BETWEEN " + first + " AND " + last + " AND last <= " + last;
        long[] size =
                sql.pair("SELECT coalesce(sum(length(body) + " + SpoolLimits.ROW_BYTES + "), 0), count(*)" + where);
        sql.execute("DELETE" + where);
        return size == null ? usage : usage.plusBlocks(-size[0], -size[1]);
    }

    /** A row that was packed while parts of it were on their way goes when the last of them is confirmed. */
    Usage deleteConfirmed(Usage usage, long first, long last) throws SQLException {
        Usage left = delete(usage, first, last);
        if (left.blocks() == 0) {
            confirmed.size = 0;
            return left;
        }
        List<Sequences.Range> cut = new ArrayList<>(2);
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT first, last FROM block WHERE first >= coalesce((SELECT"
                        + " max(first) FROM block WHERE first <= " + first + "), 0) AND first <= " + last
                        + " AND last >= " + first)) {
            while (row.next()) {
                cut.add(new Sequences.Range(row.getLong(1), row.getLong(2)));
            }
        }
        if (!cut.isEmpty()) {
            confirmed.add(first, last);
        }
        for (Sequences.Range row : cut) {
            if (confirmed.missing(row.first(), row.last()).isEmpty()) {
                left = delete(left, row.first(), row.last());
            }
        }
        return left;
    }

    /** Packs what is old enough; what it did counts once {@link #packed} is told. */
    Packing pack(Usage usage, long nowMs) throws SQLException {
        if (usage.blocks() < PACK_AT_LEAST) {
            return new Packing(usage, packedUpTo);
        }
        List<byte[]> bodies = new ArrayList<>();
        long first = 0;
        long last = 0;
        long at = 0;
        int bytes = 0;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT first, last, at, body FROM block WHERE first > "
                        + packedUpTo + " AND at < " + (nowMs - PACK_AFTER_MS) + " ORDER BY first LIMIT "
                        + PACK_AT_MOST)) {
            while (bytes < PACK_BYTES && row.next()) {
                // Only without a gap: a row that is evicted is reported as one range.
                if (!bodies.isEmpty() && row.getLong(1) != last + 1) {
                    if (bodies.size() < PACK_AT_LEAST) {
                        return new Packing(usage, last);
                    }
                    break;
                }
                first = bodies.isEmpty() ? row.getLong(1) : first;
                at = bodies.isEmpty() ? row.getLong(3) : at;
                last = row.getLong(2);
                bodies.add(row.getBytes(4));
                bytes += bodies.get(bodies.size() - 1).length;
            }
        }
        if (bodies.size() < PACK_AT_LEAST && bytes < PACK_BYTES) {
            return new Packing(usage, packedUpTo);
        }
        Usage without = delete(usage, first, last);
        return new Packing(insert(insertPacked, without, first, last, at, PackedBlocks.pack(bodies)), last);
    }

    /** @param upTo every block is packed up to there, once this transaction is on disk */
    record Packing(Usage usage, long upTo) {}

    void packed(Packing packing) {
        packedUpTo = packing.upTo();
    }
}
