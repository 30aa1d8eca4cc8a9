package dev.tocsin.profiles.detect;

import dev.tocsin.profiles.profile.Metric;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Quality;
import java.util.function.Consumer;

/**
 * Holds the rules of a profile against the readings of one device. Everything is decided in event time: a value
 * stands until the next reading, so a delay that ended before a reading's time has ended whatever that reading says.
 * Edge and cloud therefore find the same, with the same onset, from the same readings. Where no reading comes, the
 * host calls {@link #wake} by the wall clock; the finding still carries event time. Stateless, safe for any thread;
 * the states are the host's.
 */
public final class Judge {
    /** A live reading's time is at most this much after its receipt, or else the receive time. */
    private static final long MAX_AHEAD_MS = 5_000;

    private Judge() {}

    /** Judges readings in their order; findings come rule by rule, each rule's in order of time. */
    public static void onReadings(
            Profile profile, DeviceReadings readings, RuleStates states, Consumer<Finding> findings) {
        for (Rule rule : profile.rules()) {
            int metric = indexOf(readings.metricNames(), rule.metric());
            if (metric >= 0) {
                onReadings(new Course(profile, rule, readings.device(), findings), readings, metric, states);
            }
        }
    }

    /** Wall clock, in ms, at which {@link #wake} has something to do; {@link Long#MAX_VALUE} for never. */
    public static long wakeAtMs(Profile profile, RuleStates states) {
        long earliest = Long.MAX_VALUE;
        for (Rule rule : profile.rules()) {
            RuleState state = states.get(rule.id());
            if (state != null) {
                earliest = Math.min(earliest, state.wakeAtMs(rule));
            }
        }
        return earliest;
    }

    /** Ends the delays that ran out while no reading came. */
    public static void wake(Profile profile, String device, RuleStates states, long nowMs, Consumer<Finding> findings) {
        for (Rule rule : profile.rules()) {
            RuleState state = states.get(rule.id());
            if (state != null && state.wakeAtMs(rule) <= nowMs) {
                new Course(profile, rule, device, findings).endDelay(state);
                states.put(rule.id(), state);
            }
        }
    }

    private static void onReadings(Course course, DeviceReadings readings, int metric, RuleStates states) {
        RuleState state = states.get(course.rule.id());
        boolean touched = false;
        for (int i = 0; i < readings.count(); i++) {
            if (readings.metric()[i] != metric) {
                continue;
            }
            if (state == null) {
                // A sensor that is well, as most are, costs a rule about its faults nothing.
                if (course.rule.condition().isAboutFaults()
                        && Quality.of(readings.quality()[i]).mayAlarm()) {
                    continue;
                }
                state = new RuleState();
            }
            if (!readings.replayed()
                    && readings.observedAtMs()[i] < state.newestMs
                    && state.newestMs > readings.receivedAtMs()[i] + MAX_AHEAD_MS) {
                // No live reading is that far ahead of its receipt: the gateway's clock was set back.
                state.beginAnew();
            }
            if (readings.observedAtMs()[i] >= state.newestMs) {
                course.onReading(
                        state,
                        readings.value()[i],
                        readings.observedAtMs()[i],
                        readings.receivedAtMs()[i],
                        readings.quality()[i],
                        readings.replayed());
                touched = true;
            }
        }
        if (touched && state != null) {
            if (course.rule.condition().isAboutFaults() && state.phase == RuleState.CLEAR) {
                states.remove(course.rule.id());
            } else {
                states.put(course.rule.id(), state);
            }
        }
    }

    private static int indexOf(String[] names, String name) {
        for (int i = 0; i < names.length; i++) {
            if (names[i].equals(name)) {
                return i;
            }
        }
        return -1;
    }

    /** One rule on one device. */
    private static final class Course {
        private final Profile profile;
        private final Rule rule;
        private final String device;
        private final Consumer<Finding> findings;

        Course(Profile profile, Rule rule, String device, Consumer<Finding> findings) {
            this.profile = profile;
            this.rule = rule;
            this.device = device;
            this.findings = findings;
        }

        void onReading(RuleState state, double value, long atMs, long receivedMs, byte quality, boolean replayed) {
            Quality judged = Quality.of(quality);
            boolean aboutFaults = rule.condition().isAboutFaults();
            Orders orders = rule.orders();
            if (aboutFaults ? judged == Quality.SPIKE : !judged.mayAlarm()) {
                // It proves something to whoever looks at the alert later, but decides nothing.
                state.remember(atMs, value, quality);
                return;
            }
            if (delayEndMs(state) <= atMs) {
                endDelay(state);
            }
            state.remember(atMs, value, quality);
            state.newestMs = atMs;
            state.value = value;
            state.replayed = replayed;
            if (state.test && state.raised() && !orders.testsAt(atMs)) {
                // What goes on after the test is no drill: it has to be raised anew.
                clear(state, atMs);
            }
            boolean met = aboutFaults
                    ? !judged.mayAlarm()
                    : rule.armed().isArmedAt(atMs) && rule.condition().holds(state, value, atMs);
            boolean holds = met && !orders.suspendsAt(atMs);
            if (holds && state.phase == RuleState.CLEAR) {
                state.phase = RuleState.RISING;
                state.onsetMs = atMs;
                startDelay(state, atMs, receivedMs, rule.onDelayMs());
            } else if (holds && state.phase == RuleState.FALLING) {
                state.phase = RuleState.RAISED;
            } else if (!holds && state.phase == RuleState.RISING) {
                state.phase = RuleState.CLEAR;
            } else if (!holds && state.phase == RuleState.RAISED && !rule.keeps(state.raisedAtMs, atMs)) {
                state.phase = RuleState.FALLING;
                startDelay(state, atMs, receivedMs, rule.offDelayMs());
            }
        }

        private void startDelay(RuleState state, long atMs, long receivedMs, long delayMs) {
            state.delaySinceMs = atMs;
            state.delayReceivedMs = receivedMs;
            if (delayMs == 0) {
                endDelay(state);
            }
        }

        private long delayEndMs(RuleState state) {
            return switch (state.phase) {
                case RuleState.RISING -> state.delaySinceMs + rule.onDelayMs();
                case RuleState.FALLING -> state.delaySinceMs + rule.offDelayMs();
                default -> Long.MAX_VALUE;
            };
        }

        /** The running delay has ended: the verdict changes. */
        void endDelay(RuleState state) {
            long atMs = delayEndMs(state);
            if (state.phase == RuleState.FALLING) {
                clear(state, atMs);
            } else if (rule.orders().suspendsAt(atMs)) {
                // It was suspended while its delay ran.
                state.phase = RuleState.CLEAR;
            } else {
                state.phase = RuleState.RAISED;
                state.raisedAtMs = atMs;
                state.test = rule.orders().testsAt(atMs);
                tell(state, true, atMs);
            }
        }

        private void clear(RuleState state, long atMs) {
            state.phase = RuleState.CLEAR;
            tell(state, false, atMs);
            state.test = false;
        }

        private void tell(RuleState state, boolean raised, long atMs) {
            Metric metric = profile.metrics().get(rule.metric());
            Condition condition = rule.condition();
            findings.accept(new Finding(
                    rule.id(),
                    rule.version(),
                    rule.kind(),
                    rule.severity(),
                    device,
                    raised,
                    rule.metric(),
                    metric == null ? "" : metric.unit(),
                    state.value,
                    state.onsetMs,
                    atMs,
                    state.replayed,
                    state.test,
                    state.evidence(condition.isMeasured() ? condition.limit() : null)));
        }
    }
}
