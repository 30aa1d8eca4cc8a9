package dev.tocsin.agent.spool;

import dev.tocsin.profiles.config.Settings;
import java.time.Duration;

/**
 * The spool's bounds.
 *
 * @param maxBytes of everything stored and not yet delivered; beyond it telemetry is evicted first, then what was
 *     rejected or seen, then readings that raised or ended an alarm, and alerts last of all
 * @param readings of the lanes live and backlog
 * @param alerts of the agent's own, and of readings that raised or ended an alarm as for their age
 * @param others what was rejected or seen
 * @param queueReadings readings (a message without any counts as one) that may wait for a commit; beyond it senders wait
 * @param commitReadings of one commit, so that a block fits a batch
 * @param commitInterval shortest time from one commit to the next: bounds the wear of the disk, and costs nothing when
 *     little arrives
 */
public record SpoolLimits(
        long maxBytes,
        LaneLimit readings,
        LaneLimit alerts,
        LaneLimit others,
        int queueReadings,
        int commitReadings,
        Duration commitInterval) {
    /** What a row costs beside its body. */
    static final int ROW_BYTES = 40;

    private static final long MEGABYTE = 1024 * 1024;

    public SpoolLimits {
        if (maxBytes < 64 * 1024 || queueReadings < 1 || commitReadings < 1 || commitInterval.isNegative()) {
            throw new IllegalArgumentException("spool limits out of range: " + maxBytes + " bytes, " + queueReadings
                    + " queued, " + commitReadings + " a commit, " + commitInterval);
        }
    }

    public static SpoolLimits from(Settings settings) {
        return new SpoolLimits(
                settings.whole("spool.max-bytes", "bytes", 1_024 * MEGABYTE, MEGABYTE, 1_024 * 1_024 * MEGABYTE),
                LaneLimit.from(settings, "readings", 1_024 * MEGABYTE, 0),
                LaneLimit.from(settings, "alerts", 64 * MEGABYTE, 0),
                LaneLimit.from(settings, "others", 64 * MEGABYTE, 720),
                settings.integer("spool.queue", "readings", 16_384, 100, 1_000_000),
                settings.integer("spool.commit", "readings", 4_096, 1, 50_000),
                settings.millis("spool.commit-interval", 5, 0, 1_000));
    }
}
