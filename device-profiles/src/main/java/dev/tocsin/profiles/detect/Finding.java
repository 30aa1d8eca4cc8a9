package dev.tocsin.profiles.detect;

import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.Evidence;
import dev.tocsin.profiles.alert.Severity;

/**
 * A rule's verdict on one device changed: the condition has held for its on-delay, or has not for its off-delay. A
 * Flink POJO.
 *
 * @param raised true for a raise, false for a clearance
 * @param onsetMs when the condition began, event time; the same in the clearance as in the raise
 * @param atMs when the verdict changed, event time (onset plus on-delay, or the end plus off-delay)
 * @param value the reading that decided
 * @param replayed whether replayed data decided
 * @param test whether the rule was under test at the raise
 */
public record Finding(
        String rule,
        int ruleVersion,
        AlertKind kind,
        Severity severity,
        String device,
        boolean raised,
        String metric,
        String unit,
        double value,
        long onsetMs,
        long atMs,
        boolean replayed,
        boolean test,
        Evidence evidence) {

    /** Nobody needs to be woken. */
    public boolean drill() {
        return replayed || test;
    }
}
