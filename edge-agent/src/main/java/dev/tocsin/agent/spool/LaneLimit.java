package dev.tocsin.agent.spool;

import dev.tocsin.profiles.config.Settings;
import java.time.Duration;

/**
 * What one lane may hold.
 *
 * @param maxBytes beyond it the oldest of the lane is evicted
 * @param maxAge of the time in which the agent ran, see {@link SpoolAge}; zero for any
 */
public record LaneLimit(long maxBytes, Duration maxAge) {
    private static final long KILOBYTE = 1024;
    private static final long TERABYTE = KILOBYTE * KILOBYTE * KILOBYTE * KILOBYTE;
    private static final int MAX_HOURS = 876_000;

    public LaneLimit {
        if (maxBytes < 1 || maxAge.isNegative()) {
            throw new IllegalArgumentException("limits of a lane out of range: " + maxBytes + " bytes, " + maxAge);
        }
    }

    /** Of the keys {@code spool.LANE.max-bytes} and {@code spool.LANE.max-age}. */
    static LaneLimit from(Settings settings, String lane, long bytes, int hours) {
        String prefix = "spool." + lane + ".";
        return new LaneLimit(
                settings.whole(prefix + "max-bytes", "bytes", bytes, 64 * KILOBYTE, TERABYTE),
                Duration.ofHours(settings.integer(prefix + "max-age", "h, 0 keeps it", hours, 0, MAX_HOURS)));
    }

    /** What was stored before that is too old, by the clock of {@link SpoolAge}. */
    long tooOldBefore(long ageMs) {
        return maxAge.isZero() ? Long.MIN_VALUE : ageMs - maxAge.toMillis();
    }
}
