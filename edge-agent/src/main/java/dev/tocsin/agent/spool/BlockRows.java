package dev.tocsin.agent.spool;

import dev.tocsin.profiles.wire.Sequences;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rows of readings: a block each, or many that were packed together. For the writer thread. */
final class BlockRows {
    /** The file has to be read for it. */
    static final long UNKNOWN = -1;

    /** Blocks that an outage holds back for this long are packed together. */
    private static final long PACK_AFTER_MS = 30_000;

    private static final int PACK_AT_LEAST = 64;
    private static final int PACK_AT_MOST = 512;
    private static final int PACK_BYTES = 128 * 1024;

    private final Connection connection;
    private final Sql sql;
    private final PreparedStatement insert;
    /** What the broker has of rows that are still here. */
    private final Sequences confirmed;

    /** By the transaction under way: what the broker has of rows need not be known any more once that is on disk. */
    private boolean emptied;

    /** Up to here every block is packed. */
    private long packedUpTo;

    /** @param packedUpTo or {@link #UNKNOWN} */
    BlockRows(Connection connection, Sequences confirmed, long packedUpTo) throws SQLException {
        this.connection = connection;
        this.confirmed = confirmed;
        sql = new Sql(connection);
        insert = connection.prepareStatement("INSERT INTO block (first, last, at, since, until, alarm, packed, body)"
                + " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
        this.packedUpTo = packedUpTo == UNKNOWN
                ? sql.number("SELECT coalesce(max(last), 0) FROM block WHERE packed = 1")
                : packedUpTo;
    }

    /** @return bytes and rows */
    long[] size() throws SQLException {
        long[] size =
                sql.pair("SELECT coalesce(sum(length(body) + " + SpoolLimits.ROW_BYTES + "), 0), count(*) FROM block");
        return size == null ? new long[2] : size;
    }

    /**
     * One row but for its body.
     *
     * @param ageMs by the clock of {@link SpoolAge} when the newest of it was stored
     * @param sinceMs when the oldest was, by the gateway's clock; {@code untilMs} the newest
     * @param alarm it holds readings that raised or ended an alarm
     */
    record Span(long first, long last, long ageMs, long sinceMs, long untilMs, boolean alarm) {
        Loss lost() {
            return Loss.ofReadings(last - first + 1, sinceMs, untilMs);
        }
    }

    Usage insert(Usage usage, Span span, boolean packed, byte[] body) throws SQLException {
        insert.setLong(1, span.first());
        insert.setLong(2, span.last());
        insert.setLong(3, span.ageMs());
        insert.setLong(4, span.sinceMs());
        insert.setLong(5, span.untilMs());
        insert.setBoolean(6, span.alarm());
        insert.setBoolean(7, packed);
        insert.setBytes(8, body);
        insert.executeUpdate();
        return usage.plusBlocks(body.length + SpoolLimits.ROW_BYTES, 1);
    }

    /** The oldest row of a kind that begins before a sequence. */
    @Nullable
    Span oldest(String where, long before) throws SQLException {
        return span("first < " + before + " AND " + where);
    }

    @Nullable
    Span exactly(long first, long last) throws SQLException {
        return span("first = " + first + " AND last = " + last);
    }

    private @Nullable Span span(String where) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT first, last, at, since, until, alarm FROM block WHERE "
                        + where + " ORDER BY first LIMIT 1")) {
            return row.next() ? span(row) : null;
        }
    }

    private static Span span(ResultSet row) throws SQLException {
        return new Span(
                row.getLong(1), row.getLong(2), row.getLong(3), row.getLong(4), row.getLong(5), row.getBoolean(6));
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
        emptied = left.blocks() == 0;
        if (emptied) {
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
        emptied = left.blocks() == 0;
        return left;
    }

    /** Packs what is old enough; what it did counts once {@link #committed} is told. */
    Packing pack(Usage usage, long ageMs) throws SQLException {
        if (usage.blocks() < PACK_AT_LEAST) {
            return new Packing(usage, packedUpTo);
        }
        List<byte[]> bodies = new ArrayList<>();
        Span all = null;
        int bytes = 0;
        boolean cut = false;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT first, last, at, since, until, alarm, body FROM block"
                        + " WHERE first > " + packedUpTo + " ORDER BY first LIMIT " + PACK_AT_MOST)) {
            while (bytes < PACK_BYTES && row.next()) {
                Span next = span(row);
                // Here and not in the query, which would look at all that are too young for one more that is not.
                if (next.ageMs() >= ageMs - PACK_AFTER_MS) {
                    break;
                }
                byte[] body = row.getBytes(7);
                if (body == null && all == null) {
                    return new Packing(usage, next.last());
                }
                // Without a gap, and without one that is damaged: a row that is evicted is reported as one range. Of
                // one kind: they are evicted apart.
                if (body == null || (all != null && (next.first() != all.last() + 1 || next.alarm() != all.alarm()))) {
                    cut = true;
                    break;
                }
                all = all == null ? next : together(all, next);
                bodies.add(body);
                bytes += body.length;
            }
        }
        if (all == null || (bodies.size() < PACK_AT_LEAST && bytes < PACK_BYTES && !cut)) {
            return new Packing(usage, packedUpTo);
        }
        if (bodies.size() == 1 && bytes < PACK_BYTES) {
            // An alarm among other readings, or one of these between two.
            return new Packing(usage, all.last());
        }
        Usage without = delete(usage, all.first(), all.last());
        return new Packing(insert(without, all, true, PackedBlocks.pack(bodies)), all.last());
    }

    private static Span together(Span older, Span newer) {
        return new Span(
                older.first(),
                newer.last(),
                Math.max(older.ageMs(), newer.ageMs()),
                Math.min(older.sinceMs(), newer.sinceMs()),
                Math.max(older.untilMs(), newer.untilMs()),
                older.alarm());
    }

    /** @param upTo every block is packed up to there, once this transaction is on disk */
    record Packing(Usage usage, long upTo) {}

    long packedUpTo() {
        return packedUpTo;
    }

    /** The transaction is on disk. */
    void committed(Packing packing) {
        packedUpTo = packing.upTo();
        if (emptied) {
            confirmed.size = 0;
            emptied = false;
        }
    }
}
