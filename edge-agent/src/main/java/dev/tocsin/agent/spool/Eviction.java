package dev.tocsin.agent.spool;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * Holds the spool within its bounds, by age and by bytes. Telemetry goes first, then what was rejected or seen, then
 * readings that raised or ended an alarm, alerts last, each from the oldest on. Readings that go are marked as ranges, so
 * that the cloud does not wait for them. For the writer thread.
 */
final class Eviction {
    /**
     * Rows of one commit. Where bounds were lowered there are more, which go with the next ones: all at once would hold up
     * the thread that judges for minutes, and need room for its log on a disk that may be full.
     */
    static final int MAX_ROWS = 512;

    private static final String TELEMETRY = "alarm = 0";
    private static final String ALARMS = "alarm = 1";

    private final SpoolLimits limits;
    private final Connection connection;
    private final BlockRows blocks;
    private final MessageRows messages;
    /** Of the pass that runs. */
    private Usage usage = Usage.NOTHING;

    private Loss lost = Loss.NONE;
    private int rows;
    /** With more than this, rows go on going: what comes is never more than what goes. */
    private long bytesBefore;

    Eviction(SpoolLimits limits, Connection connection, BlockRows blocks, MessageRows messages) {
        this.limits = limits;
        this.connection = connection;
        this.blocks = blocks;
        this.messages = messages;
    }

    record Done(Usage usage, Loss lost) {}

    /**
     * @param withThis usage, with what this commit stores
     * @param before it
     * @param firstOfThisCommit readings from there on have just come and stay
     */
    Done evict(Usage withThis, Usage before, long firstOfThisCommit, long ageMs) throws SQLException {
        usage = withThis;
        bytesBefore = before.bytes();
        rows = 0;
        lost = Loss.NONE;
        byAge(firstOfThisCommit, ageMs);
        while (usage.blockBytes() > limits.readings().maxBytes()
                && (reading(TELEMETRY, firstOfThisCommit) || reading(ALARMS, firstOfThisCommit))) {}
        while (usage.otherBytes() > limits.others().maxBytes() && other()) {}
        while (usage.alertBytes() > limits.alerts().maxBytes() && alert()) {}
        while (usage.bytes() > limits.maxBytes()
                && (reading(TELEMETRY, firstOfThisCommit)
                        || other()
                        || reading(ALARMS, firstOfThisCommit)
                        || alert())) {}
        return new Done(usage, lost);
    }

    private boolean mayGoOn() {
        return rows++ < MAX_ROWS || usage.bytes() > bytesBefore;
    }

    private void byAge(long firstOfThisCommit, long ageMs) throws SQLException {
        long alertsBefore = limits.alerts().tooOldBefore(ageMs);
        long othersBefore = limits.others().tooOldBefore(ageMs);
        tooOld(TELEMETRY, limits.readings().tooOldBefore(ageMs), firstOfThisCommit);
        tooOld(ALARMS, alertsBefore, firstOfThisCommit);
        while (usage.others() > 0 && messages.oldestAtMs(MessageRows.NOT_ALERT) < othersBefore && other()) {}
        while (usage.alerts() > 0 && messages.oldestAtMs(MessageRows.ALERT) < alertsBefore && alert()) {}
    }

    private void tooOld(String kind, long beforeMs, long firstOfThisCommit) throws SQLException {
        if (beforeMs <= 0) {
            return;
        }
        BlockRows.Span oldest = blocks.oldest(kind, firstOfThisCommit);
        while (oldest != null && oldest.ageMs() < beforeMs && mayGoOn()) {
            drop(oldest);
            oldest = blocks.oldest(kind, firstOfThisCommit);
        }
    }

    private boolean reading(String kind, long firstOfThisCommit) throws SQLException {
        BlockRows.Span oldest = blocks.oldest(kind, firstOfThisCommit);
        if (oldest == null || !mayGoOn()) {
            return false;
        }
        drop(oldest);
        return true;
    }

    private void drop(BlockRows.Span row) throws SQLException {
        usage = blocks.delete(usage, row.first(), row.last());
        mark(row.first(), row.last());
        lost = lost.plus(row.lost());
    }

    private boolean other() throws SQLException {
        if (usage.others() == 0 || !mayGoOn()) {
            return false;
        }
        usage = messages.deleteOldest(usage, MessageRows.NOT_ALERT);
        lost = lost.plus(Loss.ofOther());
        return true;
    }

    /** The newest one stays, whatever it takes. */
    private boolean alert() throws SQLException {
        if (usage.alerts() <= 1 || !mayGoOn()) {
            return false;
        }
        usage = messages.deleteOldest(usage, MessageRows.ALERT);
        lost = lost.plus(Loss.ofAlert());
        return true;
    }

    /** Readings that nobody can read any more. */
    Done giveUp(Usage before, long first, long last) throws SQLException {
        BlockRows.Span row = blocks.exactly(first, last);
        if (row == null) {
            return new Done(before, Loss.NONE);
        }
        mark(first, last);
        return new Done(blocks.delete(before, first, last), row.lost());
    }

    /** The cloud is told that these will not come. */
    void mark(long first, long last) throws SQLException {
        try (PreparedStatement extend = connection.prepareStatement("UPDATE evicted SET last = ? WHERE last = ?")) {
            extend.setLong(1, last);
            extend.setLong(2, first - 1);
            if (extend.executeUpdate() > 0) {
                return;
            }
        }
        try (PreparedStatement insert = connection.prepareStatement("INSERT OR REPLACE INTO evicted VALUES (?, ?)")) {
            insert.setLong(1, first);
            insert.setLong(2, last);
            insert.executeUpdate();
        }
    }
}
