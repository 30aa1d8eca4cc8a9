package dev.tocsin.agent.spool;

import org.jspecify.annotations.Nullable;

/**
 * The spool as of its last commit.
 *
 * @param bytes of everything stored, as {@link SpoolLimits#maxBytes} bounds them
 * @param evictedReadings since the start of the process
 * @param failures commits that the disk refused, since the start of the process
 * @param fault why the newest attempt failed, or nothing when it did not
 */
public record SpoolStatus(
        long bytes,
        long blocks,
        long alerts,
        long others,
        long evictedReadings,
        long evictedMessages,
        long failures,
        int newestBlockBytes,
        @Nullable String fault) {

    SpoolStatus failed(@Nullable String why) {
        return new SpoolStatus(
                bytes,
                blocks,
                alerts,
                others,
                evictedReadings,
                evictedMessages,
                failures + 1,
                0,
                why == null ? "unknown" : why);
    }
}
