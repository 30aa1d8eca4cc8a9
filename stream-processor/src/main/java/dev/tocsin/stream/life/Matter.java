package dev.tocsin.stream.life;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.stream.ingest.GatewayPlaces;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One rule on one subject: whether an alert is open, who holds it, and what was closed last. Whoever claims first names
 * the alert; who comes later joins it. Knows no Flink, but is a Flink POJO, hence the public fields; for one thread.
 */
public final class Matter {
    /** Closed alerts whose ids are remembered, so that a straggler of the other detector does not open them again. */
    static final int CLOSED_KEPT = 8;

    /** The newest publication, of the open alert or of the one closed last. */
    public @Nullable Alert published;

    /** A bit for each {@link Claim.Holder}, another for each in a drill. */
    public int holders;

    public String[] closedIds = new String[CLOSED_KEPT];
    public long closedCount;
    /** Event time over which the alert closed last was active; none at first. */
    public long closedOnsetMs = Long.MAX_VALUE;

    public long closedAtMs = Long.MIN_VALUE;

    public Matter() {}

    public boolean open() {
        return holders != 0;
    }

    /**
     * What is to be published because of a claim, or null.
     *
     * @param nowMs wall clock, for the revision
     */
    public @Nullable Alert on(Claim claim, long nowMs) {
        Alert claimed = claim.alert();
        boolean active = claimed.state() == AlertState.ACTIVE;
        int bit = claim.holder().bit(claimed.drill());
        if (open()) {
            return active ? join(claimed, bit, nowMs) : release(claimed, bit, nowMs);
        }
        if (isKnown(claimed) || (!active && claim.holder() != Claim.Holder.EDGE)) {
            return null;
        }
        // An agent's clearance without its raise: the matter is over, and still somebody must be able to read of it.
        if (active) {
            holders = bit;
        } else {
            remember(claimed);
        }
        return publish(claimed, isLate(claim), nowMs);
    }

    private @Nullable Alert join(Alert claimed, int bit, long nowMs) {
        Alert open = current();
        holders |= bit;
        boolean placed = GatewayPlaces.isUnassigned(open.place()) && !GatewayPlaces.isUnassigned(claimed.place());
        boolean real = open.drill() && !claimed.drill();
        boolean worse = claimed.severity().compareTo(open.severity()) < 0;
        if (!placed && !real && !worse) {
            return null;
        }
        // A drill, once a real claim joins it, is none; what is shown is then the real finding under the open id.
        Alert base = real || worse ? claimed : open;
        Alert joined = with(
                base,
                open.id(),
                open.onset(),
                placed ? claimed.place() : open.place(),
                open.drill() && claimed.drill());
        return publish(joined, open.late(), nowMs);
    }

    private @Nullable Alert release(Alert claimed, int bit, long nowMs) {
        Alert open = current();
        holders &= ~bit;
        if (open()) {
            return null;
        }
        Instant over = claimed.cleared() == null ? claimed.updated() : claimed.cleared();
        Instant cleared = over.isBefore(open.onset()) ? open.onset() : over;
        Alert closed = new Alert(
                open.id(),
                0,
                AlertState.CLEARED,
                open.rule(),
                open.ruleVersion(),
                open.kind(),
                open.severity(),
                open.gateway(),
                open.device(),
                open.place(),
                open.metric(),
                claimed.value(),
                open.unit(),
                open.onset(),
                cleared,
                cleared,
                open.late(),
                open.drill(),
                claimed.evidence());
        remember(closed);
        return publish(closed, open.late(), nowMs);
    }

    /** Closed already, under this id or, by a detector that saw another beginning, under another. */
    private boolean isKnown(Alert claimed) {
        for (String id : closedIds) {
            if (claimed.id().equals(id)) {
                return true;
            }
        }
        long onsetMs = claimed.onset().toEpochMilli();
        return onsetMs >= closedOnsetMs && onsetMs < closedAtMs;
    }

    private void remember(Alert closed) {
        closedIds[(int) (closedCount++ % CLOSED_KEPT)] = closed.id();
        closedOnsetMs = closed.onset().toEpochMilli();
        Instant cleared = closed.cleared();
        closedAtMs = cleared == null ? closedOnsetMs : cleared.toEpochMilli();
    }

    /** From the verdict on, not from the onset: a rule with an on-delay of an hour is not late when it raises. */
    private static boolean isLate(Claim claim) {
        return claim.receivedAtMs() - claim.alert().updated().toEpochMilli() > Alert.LATE_AFTER.toMillis();
    }

    private Alert publish(Alert alert, boolean late, long nowMs) {
        long last = published == null ? 0 : published.revision();
        Alert next = new Alert(
                alert.id(),
                Alert.nextRevision(last, nowMs),
                alert.state(),
                alert.rule(),
                alert.ruleVersion(),
                alert.kind(),
                alert.severity(),
                alert.gateway(),
                alert.device(),
                alert.place(),
                alert.metric(),
                alert.value(),
                alert.unit(),
                alert.onset(),
                alert.updated(),
                alert.cleared(),
                late,
                alert.drill(),
                alert.evidence());
        published = next;
        return next;
    }

    private static Alert with(Alert base, String id, Instant onset, Place place, boolean drill) {
        return new Alert(
                id,
                base.revision(),
                base.state(),
                base.rule(),
                base.ruleVersion(),
                base.kind(),
                base.severity(),
                base.gateway(),
                base.device(),
                place,
                base.metric(),
                base.value(),
                base.unit(),
                onset,
                base.updated(),
                base.cleared(),
                base.late(),
                drill,
                base.evidence());
    }

    private Alert current() {
        if (published == null) {
            throw new IllegalStateException("held, but nothing is published");
        }
        return published;
    }
}
