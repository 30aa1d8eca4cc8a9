package dev.tocsin.profiles.alert;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One publication of an alert: what the machine knows at one revision. Of one id, a higher revision replaces a lower
 * one and everything else is ignored, so that a replay changes nothing.
 *
 * @param id minted once, at the raise; see {@link #idOf}
 * @param revision only grows; a hybrid logical clock (at least the publisher's milliseconds), so that two runs of a
 *     job never give one revision to two contents
 * @param rule {@code profile/rule}, or {@code gateway/presence}
 * @param device the subject; for a gateway's own alert the gateway's id
 * @param metric empty where the alert is about no metric, as for silence
 * @param value the reading that decided, in {@code unit}; 0 where there is no metric
 * @param onset when the condition began, event time
 * @param updated event time of the newest change
 * @param cleared when the condition ended
 * @param late the cloud received it more than {@link #LATE_AFTER} after its onset
 * @param drill raised by replayed data, or under test
 * @param correlation absent where nothing but its own readings speaks of it
 */
public record Alert(
        String id,
        long revision,
        AlertState state,
        String rule,
        int ruleVersion,
        AlertKind kind,
        Severity severity,
        String gateway,
        String device,
        Place place,
        String metric,
        double value,
        String unit,
        Instant onset,
        Instant updated,
        @Nullable Instant cleared,
        boolean late,
        boolean drill,
        Evidence evidence,
        @Nullable Correlation correlation) {

    public static final Duration LATE_AFTER = Duration.ofSeconds(60);

    public Alert {
        if ((state == AlertState.CLEARED) != (cleared != null)) {
            throw new IllegalArgumentException(id + ": state " + state + " with cleared " + cleared);
        }
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(id + ": value is not finite");
        }
    }

    /** One of which nothing but its own readings speaks. */
    public Alert(
            String id,
            long revision,
            AlertState state,
            String rule,
            int ruleVersion,
            AlertKind kind,
            Severity severity,
            String gateway,
            String device,
            Place place,
            String metric,
            double value,
            String unit,
            Instant onset,
            Instant updated,
            @Nullable Instant cleared,
            boolean late,
            boolean drill,
            Evidence evidence) {
        this(
                id,
                revision,
                state,
                rule,
                ruleVersion,
                kind,
                severity,
                gateway,
                device,
                place,
                metric,
                value,
                unit,
                onset,
                updated,
                cleared,
                late,
                drill,
                evidence,
                null);
    }

    /**
     * The id that agent and cloud give to the same matter seen in the same readings, whoever sees it first: a
     * name-based UUID of rule, subject and onset.
     */
    public static String idOf(String rule, String subject, long onsetMs) {
        return UUID.nameUUIDFromBytes((rule + "\n" + subject + "\n" + onsetMs).getBytes(StandardCharsets.UTF_8))
                .toString();
    }

    /** The same as it is published: with the revision and the lateness that only the publisher knows. */
    public Alert published(long newRevision, boolean isLate) {
        return new Alert(
                id,
                newRevision,
                state,
                rule,
                ruleVersion,
                kind,
                severity,
                gateway,
                device,
                place,
                metric,
                value,
                unit,
                onset,
                updated,
                cleared,
                isLate,
                drill,
                evidence,
                correlation);
    }

    /** The same matter under the id, onset and place by which it is known already. */
    public Alert under(String knownId, Instant knownOnset, Place knownPlace, boolean isDrill) {
        return new Alert(
                knownId,
                revision,
                state,
                rule,
                ruleVersion,
                kind,
                severity,
                gateway,
                device,
                knownPlace,
                metric,
                value,
                unit,
                knownOnset,
                updated,
                cleared,
                late,
                isDrill,
                evidence,
                correlation);
    }

    /**
     * The same, over.
     *
     * @param at when the condition ended; never before the onset
     * @param lastValue the reading that decided
     */
    public Alert over(Instant at, double lastValue, Evidence proof) {
        Instant end = at.isBefore(onset) ? onset : at;
        return come(AlertState.CLEARED, end, end, lastValue, proof);
    }

    /** The same, still active, with what it has come to. */
    public Alert goingOn(Instant at, double newValue, Evidence proof) {
        return come(state, at.isBefore(onset) ? onset : at, cleared, newValue, proof);
    }

    private Alert come(AlertState to, Instant changed, @Nullable Instant clearance, double newest, Evidence proof) {
        return new Alert(
                id,
                revision,
                to,
                rule,
                ruleVersion,
                kind,
                severity,
                gateway,
                device,
                place,
                metric,
                newest,
                unit,
                onset,
                changed,
                clearance,
                late,
                drill,
                proof,
                correlation);
    }

    /** The same, over, with nothing newer to prove it. */
    public Alert over(Instant at) {
        return over(at, value, evidence);
    }

    /** The same with what others say of it, and as grave as that makes it. */
    public Alert correlated(AlertKind graveKind, Severity graveSeverity, @Nullable Correlation said) {
        return new Alert(
                id,
                revision,
                state,
                rule,
                ruleVersion,
                graveKind,
                graveSeverity,
                gateway,
                device,
                place,
                metric,
                value,
                unit,
                onset,
                updated,
                cleared,
                late,
                drill,
                evidence,
                said);
    }

    /** What others say of it. */
    public Correlation said() {
        return correlation == null ? Correlation.NONE : correlation;
    }

    /** The next revision after {@code last} at {@code nowMs}. */
    public static long nextRevision(long last, long nowMs) {
        return Math.max(last + 1, nowMs);
    }
}
