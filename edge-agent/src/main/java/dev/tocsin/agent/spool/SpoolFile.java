package dev.tocsin.agent.spool;

import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Sequences;
import dev.tocsin.profiles.wire.UplinkCodec;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteErrorCode;

/** The SQLite file as its one writer sees it. A failed call leaves it closed: open another. For one thread. */
final class SpoolFile implements AutoCloseable {
    /** How many of the newest readings are known again after a restart. */
    static final int RECENT_KEPT = 65_536;

    private final Connection connection;
    private final BlockRows blocks;
    private final MessageRows messages;
    private final Eviction eviction;
    private final PreparedStatement insertUnacked;
    private final PreparedStatement forgetUnacked;
    private final PreparedStatement changeUnacked;
    private final PreparedStatement insertRecent;
    private final PreparedStatement forgetRecent;
    private final PreparedStatement putKept;
    private final PreparedStatement deleteKept;
    private final PreparedStatement setNext;

    private final String epoch;
    private State state;
    private Usage usage;
    private long nextSequence;

    /**
     * Of the file, beside its rows.
     *
     * @param commit number of the newest commit, 0 before the first; tells after an error whether the disk has it all
     *     the same
     * @param ageMs see {@link SpoolAge}
     * @param replaced another number after each loss of something that was in the file, 0 where it never lost anything
     */
    record State(long commit, long ageMs, long replaced) {
        static final State FIRST = new State(0, 0, 0);
        static final String KIND = "commit";

        /** After something was lost. */
        State afterLoss() {
            return new State(commit, ageMs, 1 + new SecureRandom().nextInt(Integer.MAX_VALUE - 1));
        }

        byte[] toBytes() {
            return Sql.bytes(commit, ageMs, replaced);
        }

        static State of(byte @Nullable [] bytes) {
            long[] longs = Arrays.copyOf(Sql.longs(bytes), 3);
            return new State(longs[0], longs[1], longs[2]);
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
            List<Sequences.Range> damaged) {
        static final Freed NOTHING = new Freed(List.of(), List.of(), List.of(), List.of());

        boolean isEmpty() {
            return blocks.isEmpty() && messages.isEmpty() && evicted.isEmpty() && damaged.isEmpty();
        }
    }

    /**
     * What a commit holds beside its draft.
     *
     * @param sinceMs the gateway's clock
     */
    record Circumstances(Unsaved.Content unsaved, Freed freed, State state, long sinceMs) {}

    /**
     * What a commit did.
     *
     * @param damaged what could not be read any more and was given up
     */
    record Result(long firstSequence, int readings, int bytes, Loss evicted, Loss damaged) {
        static final Result NOTHING = new Result(0, 0, 0, Loss.NONE, Loss.NONE);
    }

    /**
     * What is only found by reading the whole file, in which a disk that is slow and full takes half a minute.
     *
     * @param commit as of which it holds, in a file of this epoch
     */
    record Summary(String epoch, long commit, Usage usage, long packedUpTo) {}

    /**
     * @param confirmed what the broker has of rows that are still here; outlives this object
     * @param known of this file when it was open before; nothing where it was not
     */
    SpoolFile(Path path, SpoolLimits limits, Sequences confirmed, @Nullable Summary known) throws SQLException {
        connection = SpoolSchema.open(path);
        try {
            connection.setAutoCommit(false);
            Sql sql = new Sql(connection);
            epoch = readEpoch();
            state = readState(connection);
            Summary summary = known != null
                            && known.commit() == state.commit()
                            && known.epoch().equals(epoch)
                    ? known
                    : null;
            blocks = new BlockRows(connection, confirmed, summary == null ? BlockRows.UNKNOWN : summary.packedUpTo());
            messages = new MessageRows(connection);
            eviction = new Eviction(limits, connection, blocks, messages);
            insertUnacked = connection.prepareStatement("INSERT INTO unacked (id, way, hashes) VALUES (?, ?, ?)");
            forgetUnacked = connection.prepareStatement("DELETE FROM unacked WHERE way = ? AND id <= ?");
            changeUnacked = connection.prepareStatement("UPDATE unacked SET hashes = ? WHERE id = ?");
            insertRecent = connection.prepareStatement("INSERT INTO recent (first, hashes) VALUES (?, ?)");
            forgetRecent = connection.prepareStatement("DELETE FROM recent WHERE first < ?");
            putKept = connection.prepareStatement("INSERT OR REPLACE INTO kept (kind, key, body) VALUES (?, ?, ?)");
            deleteKept = connection.prepareStatement("DELETE FROM kept WHERE kind = ? AND key = ?");
            setNext = connection.prepareStatement("UPDATE spool SET next_sequence = ?");
            nextSequence = sql.number("SELECT next_sequence FROM spool");
            if (summary == null) {
                // All of them, so that damage is found now.
                sql.number("SELECT coalesce(sum(length(body)), 0) FROM kept");
            }
            usage = summary == null ? readUsage() : summary.usage();
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Stores the draft and deletes what was freed, in one transaction that is on disk when this returns. */
    Result commit(Draft draft, Circumstances with, Redelivery.Changes unacked) throws SQLException {
        Usage usageBefore = usage;
        long nextBefore = nextSequence;
        long ageMs = with.state().ageMs();
        try {
            deleteFreed(with.freed());
            int bytes = draft.count == 0 ? 0 : insertReadings(draft, ageMs, with.sinceMs());
            for (Draft.Message message : draft.messages) {
                usage = messages.insert(usage, message, ageMs);
            }
            for (byte[] alert : with.unsaved().alerts()) {
                usage = messages.insert(usage, new Draft.Message(Lane.ALERT, alert), ageMs);
            }
            for (Draft.Kept kept : draft.kept) {
                store(kept);
            }
            for (Draft.Kept kept : with.unsaved().documents()) {
                store(kept);
            }
            rememberUnacked(unacked);
            store(new Draft.Kept(State.KIND, "", with.state().toBytes()));
            BlockRows.Packing packing = blocks.pack(usage, ageMs);
            Eviction.Done evicted = eviction.evict(packing.usage(), usageBefore, nextBefore, ageMs);
            usage = evicted.usage();
            Loss damaged = giveUp(with.freed().damaged());
            connection.commit();
            blocks.committed(packing);
            state = with.state();
            return new Result(nextBefore, draft.count, bytes, evicted.lost(), damaged);
        } catch (SQLException | RuntimeException e) {
            usage = usageBefore;
            nextSequence = nextBefore;
            throw e;
        }
    }

    private int insertReadings(Draft draft, long ageMs, long nowMs) throws SQLException {
        List<DeviceReadings> groups = draft.numbered(nextSequence);
        byte[] block = UplinkCodec.encodeBlock(groups);
        long last = nextSequence + draft.count - 1;
        BlockRows.Span span = new BlockRows.Span(nextSequence, last, ageMs, nowMs, nowMs, draft.alarm);
        usage = blocks.insert(usage, span, false, block);
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

    private void rememberUnacked(Redelivery.Changes changes) throws SQLException {
        for (Redelivery.Row row : changes.changed()) {
            changeUnacked.setBytes(1, Sql.bytes(row.hashes));
            changeUnacked.setLong(2, row.id);
            changeUnacked.executeUpdate();
        }
        for (Redelivery.Row row : changes.fresh()) {
            insertUnacked.setLong(1, row.id);
            insertUnacked.setString(2, row.via.way());
            insertUnacked.setBytes(3, Sql.bytes(row.hashes));
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

    private Loss giveUp(List<Sequences.Range> damaged) throws SQLException {
        Loss lost = Loss.NONE;
        for (Sequences.Range row : damaged) {
            Eviction.Done done = eviction.giveUp(usage, row.first(), row.last());
            usage = done.usage();
            lost = lost.plus(done.lost());
        }
        return lost;
    }

    /** Never gives these out: nobody knows whether they were given to something that is lost. */
    void skipTo(long next) throws SQLException {
        if (next <= nextSequence) {
            return;
        }
        eviction.mark(nextSequence, next - 1);
        setNext.setLong(1, next);
        setNext.executeUpdate();
        State afterLoss = state.afterLoss();
        store(new Draft.Kept(State.KIND, "", afterLoss.toBytes()));
        connection.commit();
        state = afterLoss;
        nextSequence = next;
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

    String epoch() {
        return epoch;
    }

    /** As of the newest commit that is known to be in it. */
    State state() {
        return state;
    }

    Summary summary() {
        return new Summary(epoch, state.commit(), usage, blocks.packedUpTo());
    }

    private String readEpoch() throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT epoch FROM spool")) {
            String read = row.next() ? row.getString(1) : null;
            if (read == null) {
                throw new SQLException("it does not know its epoch", null, SQLiteErrorCode.SQLITE_CORRUPT.code);
            }
            return read;
        }
    }

    static State readState(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT body FROM kept WHERE kind = '" + State.KIND + "' AND key = ''")) {
            return row.next() ? State.of(row.getBytes(1)) : State.FIRST;
        }
    }

    /** What the last run remembered of messages and had not forgotten. */
    List<Redelivery.Row> unacked() throws SQLException {
        List<Redelivery.Row> rows = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(
                        "SELECT id, way, hashes FROM unacked WHERE way IS NOT NULL ORDER BY id")) {
            while (row.next()) {
                rows.add(new Redelivery.Row(
                        row.getLong(1), new Via(row.getString(2), Via.BEFORE_START), 0, 0, Sql.longs(row.getBytes(3))));
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

    /** What the log holds is in the file itself when this returns, on disk, but for what somebody else reads right now. */
    void putLogAway() throws SQLException {
        connection.setAutoCommit(true);
        new Sql(connection).number("PRAGMA wal_checkpoint(PASSIVE)");
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
