package dev.tocsin.agent.spool;

import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.wire.Sequences;
import dev.tocsin.profiles.wire.UplinkCodec;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;

/** The SQLite file as its one writer sees it. A failed call leaves it closed: open another. For one thread. */
final class SpoolFile implements AutoCloseable {
    /** How many of the newest readings are known again after a restart. */
    static final int RECENT_KEPT = 65_536;

    /** Which commit was the last: tells after an error whether the disk has it all the same. */
    private static final String KIND_COMMIT = "commit";

    private final Connection connection;
    private final SpoolLimits limits;
    private final Sql sql;
    private final BlockRows blocks;
    private final MessageRows messages;
    private final PreparedStatement insertUnacked;
    private final PreparedStatement forgetUnacked;
    private final PreparedStatement changeUnacked;
    private final PreparedStatement insertRecent;
    private final PreparedStatement forgetRecent;
    private final PreparedStatement putKept;
    private final PreparedStatement deleteKept;
    private final PreparedStatement setNext;

    private Usage usage;
    private long nextSequence;

    /**
     * What left the spool because the broker has it.
     *
     * @param damaged rows that nobody can read
     */
    record Freed(
            List<Sequences.Range> blocks,
            List<Long> messages,
            List<Sequences.Range> evicted,
            List<Sequences.Range> damaged) {
        boolean isEmpty() {
            return blocks.isEmpty() && messages.isEmpty() && evicted.isEmpty() && damaged.isEmpty();
        }
    }

    /** What a commit did. */
    record Result(long firstSequence, int readings, int bytes, long evictedReadings, long evictedMessages) {}

    /** @param confirmed what the broker has of rows that are still here; outlives this object */
    SpoolFile(Path path, SpoolLimits limits, Sequences confirmed) throws SQLException {
        this.limits = limits;
        connection = SpoolSchema.open(path, false);
        try {
            connection.setAutoCommit(false);
            sql = new Sql(connection);
            blocks = new BlockRows(connection, confirmed);
            messages = new MessageRows(connection);
            insertUnacked = connection.prepareStatement("INSERT INTO unacked (id, origin, hashes) VALUES (?, ?, ?)");
            forgetUnacked = connection.prepareStatement("DELETE FROM unacked WHERE origin = ? AND id <= ?");
            changeUnacked = connection.prepareStatement("UPDATE unacked SET hashes = ? WHERE id = ?");
            insertRecent = connection.prepareStatement("INSERT INTO recent (first, hashes) VALUES (?, ?)");
            forgetRecent = connection.prepareStatement("DELETE FROM recent WHERE first < ?");
            putKept = connection.prepareStatement("INSERT OR REPLACE INTO kept (kind, key, body) VALUES (?, ?, ?)");
            deleteKept = connection.prepareStatement("DELETE FROM kept WHERE kind = ? AND key = ?");
            setNext = connection.prepareStatement("UPDATE spool SET next_sequence = ?");
            nextSequence = sql.number("SELECT next_sequence FROM spool");
            usage = readUsage();
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Stores the draft and deletes what was freed, in one transaction that is on disk when this returns. */
    Result commit(Draft draft, Freed freed, Redelivery redelivery, long commitId, long nowMs) throws SQLException {
        Usage before = usage;
        long nextBefore = nextSequence;
        try {
            deleteFreed(freed);
            int bytes = draft.count == 0 ? 0 : insertReadings(draft, nowMs);
            for (Draft.Message message : draft.messages) {
                usage = messages.insert(usage, message);
            }
            for (Draft.Kept kept : draft.kept) {
                store(kept);
            }
            rememberUnacked(draft, redelivery, commitId);
            store(new Draft.Kept(KIND_COMMIT, "", Sql.bytes(commitId)));
            BlockRows.Packing packing = blocks.pack(usage, nowMs);
            usage = packing.usage();
            long[] evicted = evict(nextBefore);
            long lost = giveUp(freed.damaged());
            connection.commit();
            blocks.packed(packing);
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
        usage = blocks.insert(usage, nextSequence, last, nowMs, block);
        insertRecent.setLong(1, nextSequence);
        insertRecent.setBytes(2, Sql.bytes(draft.readingHashes()));
        insertRecent.executeUpdate();
        forgetRecent.setLong(1, nextSequence - RECENT_KEPT);
        forgetRecent.executeUpdate();
        nextSequence = last + 1;
        setNext.setLong(1, nextSequence);
        setNext.executeUpdate();
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

    private void rememberUnacked(Draft draft, Redelivery redelivery, long commitId) throws SQLException {
        for (Redelivery.Row row : redelivery.changed()) {
            changeUnacked.setBytes(1, Sql.bytes(row.hashes));
            changeUnacked.setLong(2, row.id);
            changeUnacked.executeUpdate();
        }
        for (Redelivery.Origin origin : Redelivery.Origin.values()) {
            long[] hashes = draft.hashes(origin);
            if (hashes.length > 0) {
                insertUnacked.setLong(1, commitId * 2 + origin.code);
                insertUnacked.setInt(2, origin.code);
                insertUnacked.setBytes(3, Sql.bytes(hashes));
                insertUnacked.executeUpdate();
            }
            forgetUnacked.setInt(1, origin.code);
            forgetUnacked.setLong(
                    2, origin == Redelivery.Origin.MQTT ? redelivery.forgetMqttUpTo() : redelivery.forgetCoapUpTo());
            forgetUnacked.executeUpdate();
        }
    }

    private void deleteFreed(Freed freed) throws SQLException {
        for (Sequences.Range range : freed.blocks()) {
            usage = blocks.deleteConfirmed(usage, range.first(), range.last());
        }
        for (Long id : freed.messages()) {
            usage = messages.delete(usage, id);
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
        long evictedMessages = 0;
        while (usage.otherBytes() > limits.maxBytes() / 4) {
            usage = messages.deleteOldest(usage, MessageRows.NOT_ALERT);
            evictedMessages++;
        }
        while (usage.bytes() > limits.maxBytes()) {
            long[] oldest = sql.pair("SELECT first, last FROM block ORDER BY first LIMIT 1");
            if (oldest != null && oldest[0] < firstOfThisCommit) {
                usage = blocks.delete(usage, oldest[0], oldest[1]);
                markEvicted(oldest[0], oldest[1]);
                readings += oldest[1] - oldest[0] + 1;
            } else if (usage.others() > 0) {
                usage = messages.deleteOldest(usage, MessageRows.NOT_ALERT);
                evictedMessages++;
            } else if (usage.alerts() > 1) {
                usage = messages.deleteOldest(usage, MessageRows.ALERT);
                evictedMessages++;
            } else {
                break;
            }
        }
        return new long[] {readings, evictedMessages};
    }

    /** @return readings that were still there */
    private long giveUp(List<Sequences.Range> damaged) throws SQLException {
        long readings = 0;
        for (Sequences.Range row : damaged) {
            long before = usage.blocks();
            usage = blocks.delete(usage, row.first(), row.last());
            if (usage.blocks() < before) {
                markEvicted(row.first(), row.last());
                readings += row.last() - row.first() + 1;
            }
        }
        return readings;
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

    private Usage readUsage() throws SQLException {
        long[] ofBlocks = blocks.size();
        long[] alerts = messages.size(MessageRows.ALERT);
        long[] others = messages.size(MessageRows.NOT_ALERT);
        return new Usage(ofBlocks[0], ofBlocks[1], alerts[0], alerts[1], others[0], others[1]);
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
            return row.next() ? Sql.longs(row.getBytes(1))[0] : 0;
        }
    }

    /** What the last run remembered of messages and had not forgotten. */
    List<Redelivery.Row> unacked() throws SQLException {
        List<Redelivery.Row> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT id, origin, hashes FROM unacked ORDER BY id")) {
            while (row.next()) {
                rows.add(new Redelivery.Row(
                        row.getLong(1),
                        Redelivery.Origin.of(row.getInt(2)),
                        Redelivery.BEFORE_START,
                        0,
                        Sql.longs(row.getBytes(3))));
            }
        }
        return rows;
    }

    long[] recent() throws SQLException {
        Draft.Hashes hashes = new Draft.Hashes();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT hashes FROM recent")) {
            while (row.next()) {
                for (long hash : Sql.longs(row.getBytes(1))) {
                    hashes.add(hash);
                }
            }
        }
        return hashes.toArray();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
