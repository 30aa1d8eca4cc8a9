package dev.tocsin.agent.spool;

import java.time.Duration;

/**
 * The spool's bounds.
 *
 * @param maxBytes of everything stored and not yet delivered; beyond it the oldest telemetry is evicted
 * @param queueReadings readings (a message without any counts as one) that may wait for a commit; beyond it senders wait
 * @param commitReadings of one commit, so that a block fits a batch
 * @param commitInterval shortest time from one commit to the next: bounds the wear of the disk, and costs nothing when
 *     little arrives
 */
public record SpoolLimits(long maxBytes, int queueReadings, int commitReadings, Duration commitInterval) {
    /** What a row costs beside its body. */
    static final int ROW_BYTES = 40;

    public SpoolLimits {
        if (maxBytes < 64 * 1024 || queueReadings < 1 || commitReadings < 1 || commitInterval.isNegative()) {
            throw new IllegalArgumentException("spool limits out of range: " + maxBytes + " bytes, " + queueReadings
                    + " queued, " + commitReadings + " a commit, " + commitInterval);
        }
    }
}
