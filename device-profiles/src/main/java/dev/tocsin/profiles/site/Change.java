package dev.tocsin.profiles.site;

import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.detect.Condition;
import dev.tocsin.profiles.detect.Orders;
import dev.tocsin.profiles.detect.Rule;
import dev.tocsin.profiles.detect.Schedule;
import dev.tocsin.profiles.profile.Metric;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a rule set changes of one rule, or of all of one name. What is null stays as it is.
 *
 * @param rule {@code PROFILE/RULE}, or {@code *}{@code /RULE}
 * @param shelvedUntil until then it raises nothing
 * @param testUntil what it raises until then is a drill
 * @param resetAt a latching rule lets go, from then on, of what it raised before
 */
public record Change(
        String rule,
        @Nullable Condition when,
        @Nullable Long onDelayMs,
        @Nullable Long offDelayMs,
        @Nullable Severity severity,
        @Nullable Schedule armed,
        @Nullable Boolean latching,
        @Nullable Boolean enabled,
        @Nullable Instant shelvedUntil,
        @Nullable Instant testUntil,
        @Nullable Instant resetAt) {

    /**
     * A site may not hold a life-safety alarm back for longer, unless its profile does: what NFPA 72 gives for looking
     * whether an alarm is true (positive alarm sequence).
     */
    static final long MAX_ALARM_DELAY_MS = 180_000;

    /** So long a device that can raise a life-safety alarm may be away unnoticed, unless its profile lets it. */
    static final long MAX_SILENCE_MS = 24 * 3_600_000;

    private static final String ANY = "*/";

    boolean isAbout(String other) {
        return rule.equals(other) || (rule.startsWith(ANY) && other.endsWith(rule.substring(1)));
    }

    /**
     * Why it may not be made on that rule: each as {@code key: what is wrong}. A life-safety alarm can be set, shelved
     * and tested, each with an end, but not be silenced for good in any way.
     *
     * @param original as it is without any change
     */
    List<String> misfits(Rule original, Metric metric) {
        List<String> misfits = new ArrayList<>();
        if (when != null) {
            if (when.isAboutFaults() != original.condition().isAboutFaults()) {
                misfits.add("when: a rule about values cannot become one about faults, nor the reverse");
            } else if (!isReachable(when, metric)) {
                misfits.add("when: the limit is beyond what " + metric.name() + " can be (" + metric.min() + " to "
                        + metric.max() + " " + metric.unit() + ")");
            }
        }
        if (original.kind() != AlertKind.ALARM) {
            return misfits;
        }
        String name = original.id() + " is a life-safety alarm: ";
        if (Boolean.FALSE.equals(enabled)) {
            misfits.add("enabled: " + name + "shelve it until a time instead");
        }
        if (armed != null) {
            misfits.add("armed: " + name + "it is armed at any hour");
        }
        if (onDelayMs != null && onDelayMs > Math.max(MAX_ALARM_DELAY_MS, original.onDelayMs())) {
            misfits.add("on-delay: " + name + "it may wait for " + MAX_ALARM_DELAY_MS / 1000 + " s at most");
        }
        if (severity != null && severity.compareTo(Severity.MAJOR) > 0 && severity != original.severity()) {
            misfits.add("severity: " + name + "it is critical or major");
        }
        return misfits;
    }

    /** @param version of the rule set; an alert names the newest that had a say */
    Rule madeOn(Rule now, int version) {
        Orders orders = now.orders();
        return new Rule(
                now.id(),
                Math.max(now.version(), version),
                now.metric(),
                or(when, now.condition()),
                or(onDelayMs, now.onDelayMs()),
                or(offDelayMs, now.offDelayMs()),
                now.kind(),
                or(severity, now.severity()),
                now.name(),
                or(armed, now.armed()),
                or(latching, now.latching()),
                new Orders(
                        or(shelvedUntil, orders.suspendedUntilMs()),
                        or(testUntil, orders.testUntilMs()),
                        or(resetAt, orders.resetAtMs())));
    }

    /**
     * The same of the silence of a device.
     *
     * @param lifeSafety whether the device can raise a life-safety alarm: it must not be lost without a word
     */
    List<String> misfits(SilenceRule original, boolean lifeSafety) {
        List<String> misfits = new ArrayList<>();
        String name = original.id() + " is about silence: ";
        if (when != null || offDelayMs != null || armed != null || latching != null) {
            misfits.add("rule: " + name + "on-delay, severity, enabled and shelved-until are what it has");
        }
        if (testUntil != null || resetAt != null) {
            misfits.add("rule: " + name + "there is nothing to test or to reset");
        }
        if (onDelayMs != null && onDelayMs == 0) {
            misfits.add("on-delay: " + name + "it is how long a device says nothing, more than 0 s");
        }
        if (!lifeSafety) {
            return misfits;
        }
        name = original.id() + " watches over a life-safety device: ";
        if (Boolean.FALSE.equals(enabled)) {
            misfits.add("enabled: " + name + "shelve it until a time instead");
        }
        if (onDelayMs != null && onDelayMs > Math.max(MAX_SILENCE_MS, original.afterMs())) {
            misfits.add("on-delay: " + name + "it may wait for " + Math.max(MAX_SILENCE_MS, original.afterMs()) / 1000
                    + " s at most");
        }
        if (severity != null && severity.compareTo(Severity.MINOR) > 0) {
            misfits.add("severity: " + name + "it is minor at least");
        }
        return misfits;
    }

    SilenceRule madeOn(SilenceRule now, int setVersion) {
        return new SilenceRule(
                now.profile(),
                Math.max(now.version(), setVersion),
                or(onDelayMs, now.afterMs()),
                or(severity, now.severity()),
                or(shelvedUntil, now.suspendedUntilMs()));
    }

    private static boolean isReachable(Condition condition, Metric metric) {
        if (condition instanceof Condition.Above || condition instanceof Condition.Exposure) {
            return condition.limit() <= metric.max();
        }
        return !(condition instanceof Condition.Below) || condition.limit() >= metric.min();
    }

    private static <T> T or(@Nullable T changed, T now) {
        return changed == null ? now : changed;
    }

    private static long or(@Nullable Instant changed, long nowMs) {
        return changed == null ? nowMs : changed.toEpochMilli();
    }
}
