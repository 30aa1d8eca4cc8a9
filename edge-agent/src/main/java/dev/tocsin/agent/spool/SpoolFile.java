package dev.tocsin.agent.spool;

import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Sequences;
import dev.tocsin.profiles.wire.UplinkCodec;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The SQLite file as its one writer sees it. A failed call leaves it closed: open another. For one thread. */
final class SpoolFile implements AutoCloseable {
    /** How many of the newest readings are known again after a restart. */
    static final int RECENT_KEPT = 65_536;

    /** Blocks that an outage holds back for this long are packed together. */
    private static final long PACK_AFTER_MS = 30_000;

    private static final int PACK_AT_LEAST = 64;
    private static final int PACK_AT_MOST = 512;
    private static final int PACK_BYTES = 128 * 1024;
    /** Which commit was the last: tells after an error whether the disk has it all the same. */
    private static final String KIND_COMMIT = "commit";

    private static final String ALERT = "lane = '" + Lane.ALERT.topicLevel() + "'";
    private static final String NOT_ALERT = "lane <> '" + Lane.ALERT.topicLevel() + "'";

    private final Connection connection;
    private final SpoolLimits limits;
    private final PreparedStatement insertBlock;
    private final PreparedStatement insertMessage;
    private final PreparedStatement insertUnacked;
    private final PreparedStatement forgetUnacked;
    private final PreparedStatement changeUnacked;
    private final PreparedStatement insertRecent;
    private final PreparedStatement forgetRecent;
    private final PreparedStatement putKept;
    private final PreparedStatement deleteKept;
    private final PreparedStatement setNext;

    private final Sequences confirmed;

    private Usage usage;
    private long nextSequence;
    /** Up to here every block is packed. */
    private long packedUpTo;

    /** What is stored, as of the last commit; rows count {@link SpoolLimits#ROW_BYTES} beside their bodies. */
    record Usage(long blockBytes, long blocks, long alertBytes, long alerts, long otherBytes, long others) {
        long bytes() {
            return blockBytes + alertBytes + otherBytes;
        }
    }

    /**
     * What left the spool because the broker has it.
     *
     * @param damaged rows that nobody can read
     */
    record Freed(
            List<Sequences.Range> blocks,
            List<Long> messages,
            List<Sequences.Range> evicted,
            List<Sequences.Range> damaged) {}

    /** What a commit did. */
    record Result(long firstSequence, int readings, int bytes, long evictedReadings, long evictedMessages) {}

    /** @param confirmed what the broker has of rows that are still here; outlives this object */
    SpoolFile(Path path, SpoolLimits limits, Sequences confirmed) throws SQLException {
        this.limits = limits;
        this.confirmed = confirmed;
        connection = SpoolSchema.open(path, false);
        try {
            connection.setAutoCommit(false);
            insertBlock = connection.prepareStatement("INSERT INTO block (first, last, at, body) VALUES (?, ?, ?, ?)");
            insertMessage = connection.prepareStatement("INSERT INTO message (lane, body) VALUES (?, ?)");
            insertUnacked = connection.prepareStatement("INSERT INTO unacked (id, way, hashes) VALUES (?, ?, ?)");
            forgetUnacked = connection.prepareStatement("DELETE FROM unacked WHERE way = ? AND id <= ?");
            changeUnacked = connection.prepareStatement("UPDATE unacked SET hashes = ? WHERE id = ?");
            insertRecent = connection.prepareStatement("INSERT INTO recent (first, hashes) VALUES (?, ?)");
            forgetRecent = connection.prepareStatement("DELETE FROM recent WHERE first < ?");
            putKept = connection.prepareStatement("INSERT OR REPLACE INTO kept (kind, key, body) VALUES (?, ?, ?)");
            deleteKept = connection.prepareStatement("DELETE FROM kept WHERE kind = ? AND key = ?");
            setNext = connection.prepareStatement("UPDATE spool SET next_sequence = ?");
            nextSequence = number("SELECT next_sequence FROM spool");
            usage = readUsage();
            packedUpTo = number("SELECT coalesce(max(last), 0) FROM block WHERE packed = 1");
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Stores the draft and deletes what was freed, in one transaction that is on disk when this returns. */
    Result commit(Draft draft, Freed freed, Redelivery.Changes unacked, long commitId, long nowMs) throws SQLException {
        Usage before = usage;
        long nextBefore = nextSequence;
        try {
            deleteFreed(freed);
            int bytes = draft.count == 0 ? 0 : insertReadings(draft, nowMs);
            for (Draft.Message message : draft.messages) {
                insertMessage.setString(1, message.lane().topicLevel());
                insertMessage.setBytes(2, message.body());
                insertMessage.executeUpdate();
                grow(message.lane() == Lane.ALERT, message.body().length + SpoolLimits.ROW_BYTES, 1);
            }
            for (Draft.Kept kept : draft.kept) {
                store(kept);
            }
            rememberUnacked(unacked);
            store(new Draft.Kept(KIND_COMMIT, "", bytes(new long[] {commitId})));
            long packed = pack(nowMs - PACK_AFTER_MS);
            long[] evicted = evict(nextBefore);
            long lost = giveUp(freed.damaged());
            connection.commit();
            packedUpTo = packed;
            return new Result(nextBefore, draft.count, bytes, evicted[0] + lost, evicted[1]);
        } catch (SQLException | RuntimeException e) {
            usage = before;
            nextSequence = nextBefore;
            throw e;
        }
    }

    private int insertReadings(Draft draft, long nowMs) throws SQLException {
        List<DeviceReadings> groups = draft.numbered(nextSequence);
        byte[] block = UplinkCodec.encodeBlock(groups);
        long last = nextSequence + draft.count - 1;
        insertBlock.setLong(1, nextSequence);
        insertBlock.setLong(2, last);
        insertBlock.setLong(3, nowMs);
        insertBlock.setBytes(4, block);
        insertBlock.executeUpdate();
        insertRecent.setLong(1, nextSequence);
        insertRecent.setBytes(2, bytes(draft.readingHashes()));
        insertRecent.executeUpdate();
        forgetRecent.setLong(1, nextSequence - RECENT_KEPT);
        forgetRecent.executeUpdate();
        nextSequence = last + 1;
        setNext.setLong(1, nextSequence);
        setNext.executeUpdate();
        growBlocks(block.length + SpoolLimits.ROW_BYTES, 1);
        return block.length;
    }

    private void store(Draft.Kept kept) throws SQLException {
        byte[] body = kept.body();
        PreparedStatement statement = body == null ? deleteKept : putKept;
        statement.setString(1, kept.kind());
        statement.setString(2, kept.key());
        if (body != null) {
            statement.setBytes(3, body);
        }
        statement.executeUpdate();
    }

    private void rememberUnacked(Redelivery.Changes changes) throws SQLException {
        for (Redelivery.Row row : changes.changed()) {
            changeUnacked.setBytes(1, bytes(row.hashes));
            changeUnacked.setLong(2, row.id);
            changeUnacked.executeUpdate();
        }
        for (Redelivery.Row row : changes.fresh()) {
            insertUnacked.setLong(1, row.id);
            insertUnacked.setString(2, row.via.way());
            insertUnacked.setBytes(3, bytes(row.hashes));
            insertUnacked.executeUpdate();
        }
        for (Redelivery.Forgotten forgotten : changes.forgotten()) {
            forgetUnacked.setString(1, forgotten.way());
            forgetUnacked.setLong(2, forgotten.upTo());
            forgetUnacked.executeUpdate();
        }
    }

    private void deleteFreed(Freed freed) throws SQLException {
        for (Sequences.Range range : freed.blocks()) {
            deleteConfirmed(range.first(), range.last());
        }
        for (Long id : freed.messages()) {
            deleteMessage(id);
        }
        if (!freed.evicted().isEmpty()) {
            try (PreparedStatement delete =
                    connection.prepareStatement("DELETE FROM evicted WHERE first = ? AND last = ?")) {
                for (Sequences.Range range : freed.evicted()) {
                    delete.setLong(1, range.first());
                    delete.setLong(2, range.last());
                    delete.executeUpdate();
                }
            }
        }
    }

    /**
     * Makes room: telemetry from the oldest on, then what was rejected, and alerts last of all.
     *
     * @return readings and messages evicted
     */
    private long[] evict(long firstOfThisCommit) throws SQLException {
        long readings = 0;
        long messages = 0;
        while (usage.otherBytes() > limits.maxBytes() / 4) {
            messages += evictOldestMessage(NOT_ALERT);
        }
        while (usage.bytes() > limits.maxBytes()) {
            long[] oldest = pair("SELECT first, last FROM block ORDER BY first LIMIT 1");
            if (oldest != null && oldest[0] < firstOfThisCommit) {
                deleteBlocks(oldest[0], oldest[1]);
                markEvicted(oldest[0], oldest[1]);
                readings += oldest[1] - oldest[0] + 1;
            } else if (usage.others() > 0) {
                messages += evictOldestMessage(NOT_ALERT);
            } else if (usage.alerts() > 1) {
                messages += evictOldestMessage(ALERT);
            } else {
                break;
            }
        }
        return new long[] {readings, messages};
    }

    /** @return readings that were still there */
    private long giveUp(List<Sequences.Range> damaged) throws SQLException {
        long readings = 0;
        for (Sequences.Range row : damaged) {
            long before = usage.blocks();
            deleteBlocks(row.first(), row.last());
            if (usage.blocks() < before) {
                markEvicted(row.first(), row.last());
                readings += row.last() - row.first() + 1;
            }
        }
        return readings;
    }

    private int evictOldestMessage(String where) throws SQLException {
        deleteMessage(number("SELECT min(id) FROM message WHERE " + where));
        return 1;
    }

    private void markEvicted(long first, long last) throws SQLException {
        try (PreparedStatement extend = connection.prepareStatement("UPDATE evicted SET last = ? WHERE last = ?")) {
            extend.setLong(1, last);
            extend.setLong(2, first - 1);
            if (extend.executeUpdate() == 0) {
                try (PreparedStatement insert = connection.prepareStatement("INSERT INTO evicted VALUES (?, ?)")) {
                    insert.setLong(1, first);
                    insert.setLong(2, last);
                    insert.executeUpdate();
                }
            }
        }
    }

    private void deleteBlocks(long first, long last) throws SQLException {
        // Both ends: blocks that were on their way may by now be part of a larger row, which then stays.
        String where = " FROM block WHERE first BETWEEN " + first + " AND " + last + " AND last <= " + last;
        long[] size = pair("SELECT coalesce(sum(length(body) + " + SpoolLimits.ROW_BYTES + "), 0), count(*)" + where);
        execute("DELETE" + where);
        if (size != null) {
            growBlocks(-size[0], -size[1]);
        }
    }

    /** A row that was packed while parts of it were on their way goes when the last of them is confirmed. */
    private void deleteConfirmed(long first, long last) throws SQLException {
        deleteBlocks(first, last);
        if (usage.blocks() == 0) {
            confirmed.size = 0;
            return;
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
                deleteBlocks(row.first(), row.last());
            }
        }
    }

    private void deleteMessage(long id) throws SQLException {
        long[] message = pair("SELECT " + ALERT + ", length(body) FROM message WHERE id = " + id);
        if (message != null) {
            execute("DELETE FROM message WHERE id = " + id);
            grow(message[0] == 1, -message[1] - SpoolLimits.ROW_BYTES, -1);
        }
    }

    /** @return up to which sequence blocks are packed once this transaction is committed */
    private long pack(long beforeMs) throws SQLException {
        if (usage.blocks() < PACK_AT_LEAST) {
            return packedUpTo;
        }
        List<byte[]> bodies = new ArrayList<>();
        long first = 0;
        long last = 0;
        long at = 0;
        int bytes = 0;
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT first, last, at, body FROM block WHERE first > "
                        + packedUpTo + " AND at < " + beforeMs + " ORDER BY first LIMIT " + PACK_AT_MOST)) {
            while (bytes < PACK_BYTES && row.next()) {
                // Only without a gap: a row that is evicted is reported as one range.
                if (!bodies.isEmpty() && row.getLong(1) != last + 1) {
                    if (bodies.size() < PACK_AT_LEAST) {
                        return last;
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
            return packedUpTo;
        }
        deleteBlocks(first, last);
        byte[] packed = PackedBlocks.pack(bodies);
        try (PreparedStatement insert = connection.prepareStatement(
                "INSERT INTO block (first, last, at, packed, body) VALUES (?, ?, ?, 1, ?)")) {
            insert.setLong(1, first);
            insert.setLong(2, last);
            insert.setLong(3, at);
            insert.setBytes(4, packed);
            insert.executeUpdate();
        }
        growBlocks(packed.length + SpoolLimits.ROW_BYTES, 1);
        return last;
    }

    private void growBlocks(long bytes, long rows) {
        usage = new Usage(
                usage.blockBytes + bytes,
                usage.blocks + rows,
                usage.alertBytes,
                usage.alerts,
                usage.otherBytes,
                usage.others);
    }

    private void grow(boolean alert, long bytes, long rows) {
        usage = new Usage(
                usage.blockBytes,
                usage.blocks,
                usage.alertBytes + (alert ? bytes : 0),
                usage.alerts + (alert ? rows : 0),
                usage.otherBytes + (alert ? 0 : bytes),
                usage.others + (alert ? 0 : rows));
    }

    private Usage readUsage() throws SQLException {
        String size = "SELECT coalesce(sum(length(body) + " + SpoolLimits.ROW_BYTES + "), 0), count(*) FROM ";
        long[] blocks = pairOr(size + "block");
        long[] alerts = pairOr(size + "message WHERE " + ALERT);
        long[] others = pairOr(size + "message WHERE " + NOT_ALERT);
        return new Usage(blocks[0], blocks[1], alerts[0], alerts[1], others[0], others[1]);
    }

    Usage usage() {
        return usage;
    }

    long nextSequence() {
        return nextSequence;
    }

    String epoch() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT epoch FROM spool")) {
            row.next();
            return row.getString(1);
        }
    }

    /** The id of the newest commit, 0 before the first. */
    long lastCommit() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT body FROM kept WHERE kind = '" + KIND_COMMIT + "' AND key = ''")) {
            return row.next() ? longs(row.getBytes(1))[0] : 0;
        }
    }

    /** When the oldest block was committed, 0 when there is none. */
    long oldestAtMs() throws SQLException {
        return number("SELECT coalesce((SELECT at FROM block ORDER BY first LIMIT 1), 0)");
    }

    /** What the last run remembered of messages and had not forgotten. */
    List<Redelivery.Row> unacked() throws SQLException {
        List<Redelivery.Row> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, way, hashes FROM unacked ORDER BY id")) {
            while (row.next()) {
                rows.add(new Redelivery.Row(
                        row.getLong(1), new Via(row.getString(2), Via.BEFORE_START), 0, 0, longs(row.getBytes(3))));
            }
        }
        return rows;
    }

    long[] recent() throws SQLException {
        Draft.Hashes hashes = new Draft.Hashes();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT hashes FROM recent")) {
            while (row.next()) {
                for (long hash : longs(row.getBytes(1))) {
                    hashes.add(hash);
                }
            }
        }
        return hashes.toArray();
    }

    private static byte[] bytes(long[] longs) {
        ByteBuffer buffer = ByteBuffer.allocate(longs.length * Long.BYTES);
        buffer.asLongBuffer().put(longs);
        return buffer.array();
    }

    private static long[] longs(byte[] bytes) {
        long[] longs = new long[bytes.length / Long.BYTES];
        ByteBuffer.wrap(bytes).asLongBuffer().get(longs);
        return longs;
    }

    private void execute(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    private long number(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private long[] pairOr(String sql) throws SQLException {
        long[] pair = pair(sql);
        return pair == null ? new long[2] : pair;
    }

    private long @Nullable [] pair(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? new long[] {row.getLong(1), row.getLong(2)} : null;
        }
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
