package dev.tocsin.agent.output;

import dev.tocsin.agent.link.Backoff;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.settings.Output;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One output: what it should be, what it was last known to be, and when it is driven next. Guarded by {@link Outputs}.
 */
final class Switch {
    /** Attempts in a row that fail before somebody is told. */
    static final int TROUBLE_AFTER = 3;
    /** Of an output that is not wanted any more. */
    private static final int LAST_ATTEMPTS = 10;

    private enum Driven {
        /** It may be on: an order was on its way when it failed, or this process ended. */
        UNKNOWN,
        OFF,
        ON
    }

    private final Backoff backoff = new Backoff(500, 30_000);
    /** Alerts that it was driven for since it is on. */
    private final Set<String> told = new HashSet<>();

    private Output output;
    private Driven driven;
    private boolean driving;
    private boolean retired;
    private boolean handedOver;
    /** Reached the same thing: its last order must be there before the first of this one. */
    private @Nullable Switch predecessor;

    private boolean inTrouble;
    private int failures;
    private long dueAtMs;
    private long testUntilMs = Long.MIN_VALUE;
    private @Nullable String fault;
    /** The newest alert that switched it on. */
    private @Nullable Alert lastCause;

    private @Nullable String testResult;

    /** @param maybeOn an earlier run switched it on and did not see it off */
    Switch(Output output, boolean maybeOn) {
        this.output = output;
        this.driven = maybeOn ? Driven.UNKNOWN : Driven.OFF;
    }

    /** An earlier run switched it on and did not see it off. */
    void mayBeOn() {
        driven = driven == Driven.OFF ? Driven.UNKNOWN : driven;
    }

    /** One that takes over from {@code predecessor}, under its own name and in its own way. */
    static Switch after(Switch predecessor, Output output) {
        Switch successor = new Switch(output, predecessor.isMaybeOn());
        successor.predecessor = predecessor;
        predecessor.retire();
        predecessor.handedOver = true;
        return successor;
    }

    String name() {
        return output.name();
    }

    Output output() {
        return output;
    }

    /** Whether the same thing is reached in the same way, so that what is known of it stays true. */
    boolean reaches(Output other) {
        return output.driver().equals(other.driver());
    }

    void become(Output changed) {
        output = changed;
    }

    /** It is switched off where it may be on, and then gone. */
    void retire() {
        retired = true;
        testUntilMs = Long.MIN_VALUE;
    }

    boolean isGone() {
        return retired && !driving && (handedOver || driven == Driven.OFF || failures >= LAST_ATTEMPTS);
    }

    boolean isMaybeOn() {
        return driven != Driven.OFF;
    }

    /** Whether nobody else has taken over what the output reaches. */
    boolean isPredecessorOf(Output other) {
        return !handedOver && output.driver().reachesSameAs(other.driver());
    }

    private boolean waits() {
        if (predecessor != null && predecessor.isGone()) {
            predecessor = null;
        }
        return driving || handedOver || predecessor != null;
    }

    boolean isOn() {
        return driven == Driven.ON;
    }

    boolean isFailing() {
        return fault != null;
    }

    boolean isInTrouble() {
        return inTrouble;
    }

    /** The alerts stand again, as after a restart with one in the book. */
    void inTrouble(boolean stands) {
        inTrouble = stands;
    }

    String state() {
        return fault != null ? "failing: " + fault : driven == Driven.ON ? "on" : "off";
    }

    void test(long untilMs) {
        testUntilMs = untilMs;
        testResult = driven == Driven.ON ? "on already" : null;
    }

    @Nullable
    String testResult() {
        return testResult;
    }

    /** @param cause of off, the newest that switched it on; null where none is known */
    record Wanted(boolean on, @Nullable Alert cause) {}

    /**
     * What is to be sent now, or nothing.
     *
     * @param standing alerts that drive it, in the order of their raise
     */
    @Nullable
    Wanted next(Collection<Alert> standing, long nowMs) {
        if (waits() || nowMs < dueAtMs) {
            return null;
        }
        boolean on = !retired && (!standing.isEmpty() || nowMs < testUntilMs);
        if (!on) {
            told.clear();
            return driven == Driven.OFF ? null : new Wanted(false, lastCause);
        }
        told.removeIf(id -> standing.stream().noneMatch(alert -> alert.id().equals(id)));
        Alert fresh = standing.stream()
                .filter(alert -> !told.contains(alert.id()))
                .findFirst()
                .orElse(null);
        if (driven != Driven.ON) {
            return new Wanted(
                    true, standing.isEmpty() ? null : standing.iterator().next());
        }
        return output.eachAlert() && fresh != null ? new Wanted(true, fresh) : null;
    }

    /** When {@link #next} may have something by the mere passing of time; {@link Long#MAX_VALUE} for never. */
    long dueAtMs(long nowMs) {
        long due = dueAtMs > nowMs ? dueAtMs : Long.MAX_VALUE;
        return testUntilMs > nowMs ? Math.min(due, testUntilMs) : due;
    }

    /** Something is new: what an earlier order had to wait for holds no longer. */
    void hurry() {
        dueAtMs = 0;
        backoff.reset();
    }

    void driving() {
        driving = true;
        driven = Driven.UNKNOWN;
    }

    void done(Wanted wanted) {
        driving = false;
        failures = 0;
        fault = null;
        dueAtMs = 0;
        backoff.reset();
        driven = wanted.on() ? Driven.ON : Driven.OFF;
        Alert cause = wanted.cause();
        if (wanted.on() && cause != null) {
            told.add(cause.id());
            lastCause = cause;
        }
        if (wanted.on() && testResult == null) {
            testResult = "ok";
        }
    }

    /** @return whether somebody is to be told */
    boolean failed(String why, long nowMs) {
        driving = false;
        failures++;
        fault = why;
        dueAtMs = nowMs + backoff.nextMs();
        if (testResult == null) {
            testResult = why;
        }
        return failures >= TROUBLE_AFTER;
    }

    /** Whether this is the first attempt of a row that failed. */
    boolean firstFailure() {
        return failures == 1;
    }
}
