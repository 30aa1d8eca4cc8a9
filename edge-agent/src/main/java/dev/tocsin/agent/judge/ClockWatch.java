package dev.tocsin.agent.judge;

import java.time.Clock;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Sees the wall clock being set, by comparing it with the monotonic one. That a clock is set for the first time, after
 * a start without a battery, is no jump. A machine that was suspended looks like one. Looked at by one thread, read by any.
 */
public final class ClockWatch {
    /** Smaller steps are what time synchronisation does every day. */
    static final long TOLERANCE_MS = 2_000;

    private final Clock clock;
    private final LongSupplier monotonicMs;
    private final BooleanSupplier known;

    private boolean wasKnown;
    private long aheadMs;
    private volatile long firstAheadMs;
    private volatile Jump newest = new Jump(0, 0, Long.MIN_VALUE);

    /**
     * @param count of all since the start
     * @param byMs how far the newest went, below 0 for back
     * @param atMs monotonic clock
     */
    public record Jump(long count, long byMs, long atMs) {}

    /** @param known whether the wall clock was ever set */
    public ClockWatch(Clock clock, LongSupplier monotonicMs, BooleanSupplier known) {
        this.clock = clock;
        this.monotonicMs = monotonicMs;
        this.known = known;
        begin();
    }

    private void begin() {
        wasKnown = known.getAsBoolean();
        aheadMs = clock.millis() - monotonicMs.getAsLong();
        firstAheadMs = aheadMs;
    }

    /** To be called a few times a second. */
    void look() {
        if (!wasKnown) {
            begin();
            return;
        }
        long now = monotonicMs.getAsLong();
        long ahead = clock.millis() - now;
        if (Math.abs(ahead - aheadMs) > TOLERANCE_MS) {
            newest = new Jump(newest.count() + 1, ahead - aheadMs, now);
        }
        aheadMs = ahead;
    }

    public Jump newest() {
        return newest;
    }

    /** How far the wall clock went away from the monotonic one since the start, or since it was set for the first time. */
    public double offsetSeconds() {
        return (clock.millis() - monotonicMs.getAsLong() - firstAheadMs) / 1000.0;
    }

    public boolean known() {
        return known.getAsBoolean();
    }
}
