package dev.tocsin.agent.spool;

/**
 * One stretch of losses that followed each other.
 *
 * @param lost in all of it
 * @param began monotonic clock, ms
 * @param newest monotonic clock of the newest loss; {@link Long#MIN_VALUE} where there never was one
 */
public record Episode(Loss lost, long began, long newest) {
    /** Losses further apart belong to two. */
    public static final long QUIET_MS = 60_000;

    static final Episode NONE = new Episode(Loss.NONE, Long.MIN_VALUE, Long.MIN_VALUE);

    public boolean goesOnAt(long monotonicMs) {
        return newest != Long.MIN_VALUE && monotonicMs - newest < QUIET_MS;
    }

    Episode plus(Loss more, long monotonicMs) {
        return goesOnAt(monotonicMs)
                ? new Episode(lost.plus(more), began, monotonicMs)
                : new Episode(more, monotonicMs, monotonicMs);
    }
}
