package dev.tocsin.profiles.detect;

import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.profile.LocalText;

/**
 * What makes an alert of one metric's readings (delays and hysteresis as in OPC UA Part 9 B.1.5).
 *
 * @param id {@code profile/rule}
 * @param version the version of the profile it came from
 * @param onDelayMs how long the condition must hold before the raise, event time; 0 raises at the first reading
 * @param offDelayMs how long it must not hold before the clearance
 * @param armed outside of it the condition does not hold, whatever the readings
 * @param latching once raised it stays so until it is reset, even when the condition is gone
 */
public record Rule(
        String id,
        int version,
        String metric,
        Condition condition,
        long onDelayMs,
        long offDelayMs,
        AlertKind kind,
        Severity severity,
        LocalText name,
        Schedule armed,
        boolean latching,
        Orders orders) {

    /** One that is always armed and lets go by itself. */
    public Rule(
            String id,
            int version,
            String metric,
            Condition condition,
            long onDelayMs,
            long offDelayMs,
            AlertKind kind,
            Severity severity,
            LocalText name) {
        this(
                id,
                version,
                metric,
                condition,
                onDelayMs,
                offDelayMs,
                kind,
                severity,
                name,
                Schedule.ALWAYS,
                false,
                Orders.NONE);
    }

    public Rule {
        if (onDelayMs < 0 || offDelayMs < 0) {
            throw new IllegalArgumentException(id + ": a delay is negative");
        }
        if (!condition.suits(kind, severity)) {
            throw new IllegalArgumentException(id + ": what is only unusual is no alarm and not critical");
        }
    }

    /** Whether what was raised at {@code raisedAtMs} must stay at {@code atMs}, whatever the condition. */
    boolean keeps(long raisedAtMs, long atMs) {
        return latching && !orders.resetsAt(atMs, raisedAtMs);
    }
}
