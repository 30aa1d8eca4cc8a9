package dev.tocsin.agent.spool;

import org.jspecify.annotations.Nullable;

/**
 * The spool as of its last commit.
 *
 * @param bytes of everything stored, as {@link SpoolLimits#maxBytes} bounds them
 * @param evicted given up for want of room or for their age, since the start of the process
 * @param evicting the newest stretch of that
 * @param damaged what the disk damaged and nobody could save, since the start of the process, as far as it is known
 * @param damage the newest stretch of that, and of replaced files
 * @param replacedFiles spool files that were damaged, set aside and replaced, since the start of the process
 * @param moreDamaged whether more may be lost than is known
 * @param failures commits that the disk refused, since the start of the process
 * @param fault why the newest attempt failed, or nothing when it did not
 */
public record SpoolStatus(
        long bytes,
        long blocks,
        long alerts,
        long others,
        Loss evicted,
        Episode evicting,
        Loss damaged,
        Episode damage,
        int replacedFiles,
        boolean moreDamaged,
        long failures,
        int newestBlockBytes,
        @Nullable String fault) {

    static final SpoolStatus BEFORE_START =
            new SpoolStatus(0, 0, 0, 0, Loss.NONE, Episode.NONE, Loss.NONE, Episode.NONE, 0, false, 0, 0, null);

    SpoolStatus committed(Usage usage, SpoolFile.Result result, long monotonicMs) {
        return new SpoolStatus(
                usage.bytes(),
                usage.blocks(),
                usage.alerts(),
                usage.others(),
                evicted.plus(result.evicted()),
                result.evicted().isNone() ? evicting : evicting.plus(result.evicted(), monotonicMs),
                damaged.plus(result.damaged()),
                result.damaged().isNone() ? damage : damage.plus(result.damaged(), monotonicMs),
                replacedFiles,
                moreDamaged,
                failures,
                result.bytes(),
                null);
    }

    SpoolStatus replaced(Loss lost, boolean more, long monotonicMs) {
        return new SpoolStatus(
                bytes,
                blocks,
                alerts,
                others,
                evicted,
                evicting,
                damaged.plus(lost),
                damage.plus(lost, monotonicMs),
                replacedFiles + 1,
                moreDamaged || more,
                failures,
                newestBlockBytes,
                fault);
    }

    SpoolStatus failed(String why) {
        return new SpoolStatus(
                bytes,
                blocks,
                alerts,
                others,
                evicted,
                evicting,
                damaged,
                damage,
                replacedFiles,
                moreDamaged,
                failures + 1,
                0,
                why);
    }
}
