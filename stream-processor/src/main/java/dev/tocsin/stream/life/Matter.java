package dev.tocsin.stream.life;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.correlate.CorrelationRules.Chattering;
import dev.tocsin.stream.ingest.GatewayPlaces;
import dev.tocsin.stream.life.Claim.Holder;
import java.time.Instant;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * One rule on one subject: whether an alert is open, who holds it, and what was closed last. Whoever claims first names
 * the alert; who comes later joins it; it is active while anybody holds it, and until it is quiet when it raises too
 * often ({@link Chatter}). Alerts are published at once and this state is saved later, so a crash forgets some of them:
 * what the alert topic tells and nobody remembers is taken up again, and let go when nobody claims it. Knows no Flink,
 * but is a Flink POJO, hence the public fields; for one thread.
 */
public final class Matter {
    /** Ids of closed alerts that are remembered, so that a claim that comes again does not open them again. */
    static final int CLOSED_KEPT = 16;
    /** How long an alert that only the topic knows waits for somebody to claim it. */
    static final long SETTLE_MS = 60_000;

    /** A place for each who may hold: the agent and the live detectors, real and drill, and the topic. */
    private static final int SLOTS = 5;

    private static final int TOPIC = 4;
    private static final String NOBODY = "";

    /** The newest publication, of the open alert or of the one closed last. */
    public @Nullable Alert published;

    /** The highest that was given or heard. */
    public long revision;

    /** By slot the id under which it is held, or {@link #NOBODY}. */
    public String[] heldIds = new String[SLOTS];

    /** By slot since when, by the cloud's clock. */
    public long[] heldSinceMs = new long[SLOTS];

    public String[] closedIds = new String[CLOSED_KEPT];
    public long closedCount;
    /** Event time over which the alert closed last was active; none at first. */
    public long closedOnsetMs = Long.MAX_VALUE;

    public long closedAtMs = Long.MIN_VALUE;
    /** It raised too often lately, and no clearance ends the open alert until it is quiet. */
    public boolean chatters;

    /** Verdicts of the newest raises, event time; the oldest makes room. */
    public long[] raisedAtMs = new long[Chattering.MAX_RAISES];

    /** Whether those were drills. */
    public boolean raisedInDrill;

    /** While it chatters: when something last changed, wall clock. */
    public long changedAtMs;

    /** While it chatters: after what time without a change it is over. */
    public long quietMs;
    /** While it chatters: verdict of the raise that somebody was last called for, event time. */
    public long calledAtMs;
    /** While it chatters: how many raises were published. */
    public int toldRaises;
    /** While it chatters and nobody holds it: what ended it for now. */
    public @Nullable Alert end;

    /** When somebody last claimed anything, wall clock; kept by {@link AlertLife}. */
    public long touchedMs;

    /** When {@link AlertLife} looks whether all this can be forgotten. */
    public long lookAtMs;

    /** When {@link AlertLife} looks whether {@link #settle} has something to do; {@link Long#MAX_VALUE} for never. */
    public long settleLookMs = Long.MAX_VALUE;

    public Matter() {
        Arrays.fill(heldIds, NOBODY);
        Arrays.fill(closedIds, NOBODY);
        Arrays.fill(raisedAtMs, Long.MIN_VALUE);
    }

    public boolean open() {
        for (String id : heldIds) {
            if (!id.isEmpty()) {
                return true;
            }
        }
        return chatters;
    }

    /** Whether there is nothing to remember. */
    boolean blank() {
        return published == null && closedCount == 0;
    }

    /**
     * What is to be published because of a claim, or null.
     *
     * @param chattering when a matter does so
     * @param nowMs wall clock, for the revision
     */
    public @Nullable Alert on(Claim claim, Chattering chattering, long nowMs) {
        Alert claimed = claim.alert();
        return switch (claim.holder()) {
            case TOPIC -> heard(claimed, nowMs);
            case BACKLOG -> past(claim, nowMs);
            case NEIGHBOURS -> told(claimed, nowMs);
            case EDGE, LIVE ->
                claimed.state() == AlertState.ACTIVE ? raise(claim, chattering, nowMs) : clear(claim, nowMs);
        };
    }

    private @Nullable Alert raise(Claim claim, Chattering chattering, long nowMs) {
        Alert claimed = claim.alert();
        if (isClosed(claimed.id())) {
            return null;
        }
        int slot = slot(claim.holder(), claimed.drill());
        if (open()) {
            boolean again = chatters && !isHeldByAnybody();
            Alert joined = join(claimed, slot, claim.receivedAtMs(), nowMs);
            return again ? new Chatter(this).raisedAgain(claimed, chattering, joined, nowMs) : joined;
        }
        // The agent knows what it sees: only the cloud's own detectors may be stragglers of what the agent has closed.
        if (claim.holder() == Holder.LIVE && wasActiveAt(claimed.onset())) {
            return null;
        }
        hold(slot, claimed.id(), claim.receivedAtMs());
        return publish(new Chatter(this).raised(claimed, chattering, nowMs), isLate(claim), nowMs);
    }

    private boolean isHeldByAnybody() {
        for (int slot = 0; slot < TOPIC; slot++) {
            if (!heldIds[slot].isEmpty()) {
                return true;
            }
        }
        return false;
    }

    /** What the neighbourhood of the alert says of it: of the one that is open or was closed last, or of history. */
    private @Nullable Alert told(Alert claimed, long nowMs) {
        Alert last = published;
        if (last != null && last.id().equals(claimed.id())) {
            Alert graver = last.drill() == claimed.drill() ? graver(last, claimed) : last;
            boolean same = graver.said().equals(last.said())
                    && graver.kind() == last.kind()
                    && graver.severity() == last.severity();
            return same ? null : publish(graver, last.late(), nowMs);
        }
        boolean history = claimed.state() == AlertState.CLEARED && isClosed(claimed.id());
        return history ? aside(claimed, claimed.late(), nowMs) : null;
    }

    private static Alert graver(Alert last, Alert claimed) {
        boolean confirmed = claimed.said().confirmed() != null;
        boolean worse = claimed.severity().compareTo(last.severity()) < 0;
        return last.correlated(
                confirmed ? claimed.kind() : last.kind(),
                worse ? claimed.severity() : last.severity(),
                last.said().and(claimed.said()));
    }

    private @Nullable Alert join(Alert claimed, int slot, long receivedAtMs, long nowMs) {
        Alert open = current();
        if (!heldIds[slot].isEmpty() && !heldIds[slot].equals(claimed.id())) {
            // Its clearance was lost; should it come after all, it must not end the new one.
            remember(heldIds[slot]);
        }
        hold(slot, claimed.id(), receivedAtMs);
        heldIds[TOPIC] = NOBODY;
        boolean placed = GatewayPlaces.isUnassigned(open.place()) && !GatewayPlaces.isUnassigned(claimed.place());
        boolean real = open.drill() && !claimed.drill();
        boolean worse = claimed.severity().compareTo(open.severity()) < 0;
        if (!placed && !real && !worse) {
            return null;
        }
        if (real) {
            chatters = false;
        }
        // A drill, once a real claim joins it, is none; what is shown is then the real finding under the open id, and
        // what other drills said of it counts no more.
        Alert base = real || worse ? claimed : open;
        if (!real) {
            base = base.correlated(base.kind(), base.severity(), open.correlation());
        }
        Alert joined = base.under(
                open.id(), open.onset(), placed ? claimed.place() : open.place(), open.drill() && claimed.drill());
        return publish(joined, open.late(), nowMs);
    }

    private @Nullable Alert clear(Claim claim, long nowMs) {
        Alert claimed = claim.alert();
        int slot = slotHeldAs(claim.holder(), claimed.id());
        if (slot < 0) {
            return clearUnheld(claim, nowMs);
        }
        release(slot);
        if (chatters && !isHeldByAnybody()) {
            new Chatter(this).released(claimed, nowMs);
        }
        return open() ? null : close(claimed, nowMs);
    }

    /** A clearance of what the claimant is not known to hold. */
    private @Nullable Alert clearUnheld(Claim claim, long nowMs) {
        Alert claimed = claim.alert();
        if (isClosed(claimed.id())) {
            return null;
        }
        if (open()) {
            if (onlyTheTopicHolds() && current().id().equals(claimed.id())) {
                heldIds[TOPIC] = NOBODY;
                return close(claimed, nowMs);
            }
            if (!current().id().equals(claimed.id())) {
                remember(claimed.id());
            }
            return null;
        }
        if (claim.holder() != Holder.EDGE) {
            return null;
        }
        // An agent's clearance without its raise: the matter is over, and still somebody must be able to read of it.
        rememberClosed(claimed);
        return publish(claimed, isLate(claim), nowMs);
    }

    /** What a backlog tells is over: it is listed beside whatever is open now, unless it is part of that. */
    private @Nullable Alert past(Claim claim, long nowMs) {
        Alert claimed = claim.alert();
        Instant end = claimed.cleared();
        if (end == null || isClosed(claimed.id()) || wasActiveAt(claimed.onset())) {
            return null;
        }
        if (open() && !end.isBefore(current().onset())) {
            return null;
        }
        remember(claimed.id());
        return aside(claimed, isLate(claim), nowMs);
    }

    /** Our own publication, come back from the topic. */
    private @Nullable Alert heard(Alert alert, long nowMs) {
        long before = revision;
        revision = Math.max(revision, alert.revision());
        boolean active = alert.state() == AlertState.ACTIVE;
        boolean known =
                isClosed(alert.id()) || (published != null && published.id().equals(alert.id()));
        if (known) {
            boolean shownAsOpen = active
                    && alert.revision() > before
                    && !(open() && current().id().equals(alert.id()));
            return shownAsOpen ? aside(alert.over(alert.updated()), alert.late(), nowMs) : null;
        }
        if (!active) {
            remember(alert.id());
            return null;
        }
        if (open() || alert.revision() <= before) {
            remember(alert.id());
            return aside(alert.over(alert.updated()), alert.late(), nowMs);
        }
        published = alert;
        hold(TOPIC, alert.id(), nowMs);
        return null;
    }

    /** Wall clock at which {@link #settle} has something to do; {@link Long#MAX_VALUE} for never. */
    long settleAtMs() {
        long unclaimedMs = heldIds[TOPIC].isEmpty() ? Long.MAX_VALUE : heldSinceMs[TOPIC] + SETTLE_MS;
        return chatters ? Math.min(unclaimedMs, new Chatter(this).quietAtMs()) : unclaimedMs;
    }

    /** Closes what only the topic knows and nobody has claimed, and ends what chattered and is quiet. */
    @Nullable
    Alert settle(long nowMs) {
        if (settleAtMs() > nowMs) {
            return null;
        }
        Chatter chatter = new Chatter(this);
        if (chatters && chatter.quietAtMs() <= nowMs) {
            return chatter.quiet(nowMs);
        }
        heldIds[TOPIC] = NOBODY;
        Alert last = current();
        return open() ? null : close(last.over(Instant.ofEpochMilli(nowMs)), nowMs);
    }

    boolean isOpenAt(String gateway) {
        return open() && current().gateway().equals(gateway);
    }

    /**
     * The agent has begun a new spool and knows nothing of what it claimed before; for an open matter.
     *
     * @param bornMs when the cloud heard of it
     */
    @Nullable
    Alert agentForgot(long bornMs, long nowMs) {
        boolean released = false;
        for (int slot : new int[] {slot(Holder.EDGE, false), slot(Holder.EDGE, true)}) {
            if (!heldIds[slot].isEmpty() && heldSinceMs[slot] < bornMs) {
                release(slot);
                released = true;
            }
        }
        Alert last = current();
        return released && !open() ? close(last.over(Instant.ofEpochMilli(bornMs)), nowMs) : null;
    }

    Alert close(Alert claimed, long nowMs) {
        Alert open = current();
        Instant over = claimed.cleared() == null ? claimed.updated() : claimed.cleared();
        Alert closed = open.over(over, claimed.value(), claimed.evidence());
        rememberClosed(closed);
        return publish(closed, open.late(), nowMs);
    }

    private void hold(int slot, String id, long sinceMs) {
        heldIds[slot] = id;
        heldSinceMs[slot] = sinceMs;
    }

    private void release(int slot) {
        String id = heldIds[slot];
        heldIds[slot] = NOBODY;
        if (!id.equals(current().id())) {
            remember(id);
        }
    }

    private static int slot(Holder holder, boolean drill) {
        return (holder == Holder.EDGE ? 0 : 2) + (drill ? 1 : 0);
    }

    /** Real or drill: what ends a drill may be a real reading, and the reverse. */
    private int slotHeldAs(Holder holder, String id) {
        int real = slot(holder, false);
        if (heldIds[real].equals(id)) {
            return real;
        }
        return heldIds[real + 1].equals(id) ? real + 1 : -1;
    }

    private boolean onlyTheTopicHolds() {
        return !isHeldByAnybody() && !chatters && !heldIds[TOPIC].isEmpty();
    }

    private boolean isClosed(String id) {
        return Arrays.asList(closedIds).contains(id);
    }

    /** Within the alert that was closed last, which another detector may have seen begin later. */
    private boolean wasActiveAt(Instant onset) {
        long onsetMs = onset.toEpochMilli();
        return onsetMs >= closedOnsetMs && onsetMs < closedAtMs;
    }

    private void remember(String id) {
        closedIds[(int) (closedCount++ % CLOSED_KEPT)] = id;
    }

    private void rememberClosed(Alert closed) {
        remember(closed.id());
        closedOnsetMs = closed.onset().toEpochMilli();
        Instant cleared = closed.cleared();
        closedAtMs = cleared == null ? closedOnsetMs : cleared.toEpochMilli();
    }

    /** From the verdict on, not from the onset: a rule with an on-delay of an hour is not late when it raises. */
    private static boolean isLate(Claim claim) {
        return claim.receivedAtMs() - claim.alert().updated().toEpochMilli() > Alert.LATE_AFTER.toMillis();
    }

    Alert publish(Alert alert, boolean late, long nowMs) {
        Alert next = aside(alert, late, nowMs);
        published = next;
        return next;
    }

    /** A publication that says nothing of the open alert. */
    private Alert aside(Alert alert, boolean late, long nowMs) {
        revision = Alert.nextRevision(revision, nowMs);
        return alert.published(revision, late);
    }

    Alert current() {
        if (published == null) {
            throw new IllegalStateException("held, but nothing is published");
        }
        return published;
    }
}
