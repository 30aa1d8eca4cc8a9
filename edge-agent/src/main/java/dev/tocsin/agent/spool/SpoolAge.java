package dev.tocsin.agent.spool;

import java.util.function.LongSupplier;

/**
 * How long this spool was in use, in all runs together: the clock that the age of what it holds is told by. It runs with
 * the monotonic clock and is kept with each commit, so a wall clock that is set changes nobody's age. It stands while
 * the agent does not run, for nothing tells that time from a jump of the clock; a kill makes it lose what passed since
 * the last commit. So nothing is ever older by it than it really is. For one thread.
 */
final class SpoolAge {
    private final LongSupplier monotonicMs;
    private long beforeMs;
    private long sinceMs;

    SpoolAge(LongSupplier monotonicMs) {
        this.monotonicMs = monotonicMs;
        this.sinceMs = monotonicMs.getAsLong();
    }

    /** Goes on from what an earlier run kept. */
    void resume(long keptMs) {
        beforeMs = Math.max(nowMs(), keptMs);
        sinceMs = monotonicMs.getAsLong();
    }

    long nowMs() {
        return beforeMs + monotonicMs.getAsLong() - sinceMs;
    }
}
