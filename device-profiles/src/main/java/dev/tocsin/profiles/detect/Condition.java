package dev.tocsin.profiles.detect;

import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.Severity;
import java.util.List;

/**
 * When a rule's condition holds. Delays are not its business: see {@link Rule}. What a condition must remember of the
 * readings before is kept in the {@link RuleState} that it is asked with.
 */
public sealed interface Condition {

    /** The threshold, in the metric's unit (a rate: units a minute) or, where {@link #isMeasured} is false, in none. */
    double limit();

    /** Whether {@link #limit} can be shown beside the readings: it is of their unit, or their rate. */
    default boolean isMeasured() {
        return true;
    }

    /** Whether the condition says enough for an alert of this kind and severity. */
    default boolean suits(AlertKind kind, Severity severity) {
        return true;
    }

    /** For how long one and the same value must be told, at most, before the condition holds; in ms. */
    default long steadyMs() {
        return 0;
    }

    /** Takes the next reading that may alarm, not older than the one before it, and says whether the condition holds. */
    boolean holds(RuleState state, double value, long atMs);

    /** Whether this value alone is enough, whatever came before it; false where only a course can tell. */
    default boolean isMetBy(double value) {
        return false;
    }

    /** Whether it is the readings that may not alarm which it is about; then {@link #holds} is not asked. */
    default boolean isAboutFaults() {
        return false;
    }

    /**
     * At or above {@code limit}; once it holds, it holds until the value is below {@code clear} (hysteresis).
     *
     * @param clear at most {@code limit}
     */
    record Above(double limit, double clear) implements Condition {
        public Above {
            if (!(clear <= limit)) {
                throw new IllegalArgumentException("clear " + clear + " is above the limit " + limit);
            }
        }

        @Override
        public boolean holds(RuleState state, double value, long atMs) {
            return value >= (state.holding() ? clear : limit);
        }

        @Override
        public boolean isMetBy(double value) {
            return value >= limit;
        }
    }

    /**
     * At or below {@code limit}; once it holds, it holds until the value is above {@code clear}.
     *
     * @param clear at least {@code limit}
     */
    record Below(double limit, double clear) implements Condition {
        public Below {
            if (!(clear >= limit)) {
                throw new IllegalArgumentException("clear " + clear + " is below the limit " + limit);
            }
        }

        @Override
        public boolean holds(RuleState state, double value, long atMs) {
            return value <= (state.holding() ? clear : limit);
        }

        @Override
        public boolean isMetBy(double value) {
            return value <= limit;
        }
    }

    /**
     * Rises by at least {@code limit} units a minute, measured over {@code windowMs}; see {@link RiseMeter} for what a
     * single wrong sample, or the step back from one, counts for.
     *
     * @param limit units a minute, above 0; EN 54-5 class R and NFPA 72 practice: 8.3 K/min
     * @param windowMs 10 s to 10 min
     */
    record RateOfRise(double limit, long windowMs) implements Condition {
        public RateOfRise {
            checkRate(limit, windowMs);
        }

        @Override
        public boolean holds(RuleState state, double value, long atMs) {
            return isFast(state, value, atMs, limit, windowMs);
        }
    }

    /** Falls as {@link RateOfRise} rises: the pressure of a pipe that has burst. */
    record RateOfFall(double limit, long windowMs) implements Condition {
        public RateOfFall {
            checkRate(limit, windowMs);
        }

        @Override
        public boolean holds(RuleState state, double value, long atMs) {
            return isFast(state, -value, atMs, limit, windowMs);
        }
    }

    /**
     * Has been breathed for too long: see {@link ExposureMeter}. Once it holds, it holds until the value is below
     * {@code clear}.
     *
     * @param gates at least two, rising in value and falling in time
     * @param floor values below it do no harm, and what was taken up leaves again
     * @param clear at most {@code floor}
     * @param halfLifeMs in which half of what was taken up leaves
     */
    record Exposure(List<Gate> gates, double floor, double clear, long halfLifeMs) implements Condition {

        /** Constant {@code value} for {@code timeMs} is too much. */
        public record Gate(double value, long timeMs) {}

        public Exposure {
            gates = List.copyOf(gates);
            if (gates.size() < 2) {
                throw new IllegalArgumentException("an exposure needs two gates or more");
            }
            for (int i = 0; i < gates.size(); i++) {
                Gate gate = gates.get(i);
                boolean inOrder = i == 0
                        || (gate.value() > gates.get(i - 1).value()
                                && gate.timeMs() < gates.get(i - 1).timeMs());
                if (!(gate.value() > 0) || gate.timeMs() < 1_000 || !inOrder) {
                    throw new IllegalArgumentException("gates must rise in value from above 0 and fall in time to 1 s");
                }
            }
            if (!(floor > 0 && floor <= gates.get(0).value() && clear <= floor)) {
                throw new IllegalArgumentException(
                        "floor must be above 0 and at most the first gate, clear at most floor");
            }
            if (halfLifeMs < 60_000) {
                throw new IllegalArgumentException("a half-life of less than a minute");
            }
        }

        @Override
        public double limit() {
            return gates.get(0).value();
        }

        @Override
        public long steadyMs() {
            return gates.get(0).timeMs();
        }

        @Override
        public boolean holds(RuleState state, double value, long atMs) {
            ExposureMeter meter = state.exposure == null ? new ExposureMeter() : state.exposure;
            state.exposure = meter;
            double dose = meter.add(atMs, value, this);
            return state.holding() ? value >= clear : dose >= 1 && value >= floor;
        }
    }

    /**
     * The slow mean has left what it was when the device was new by {@code limit} or more, up or down: see
     * {@link DriftMeter}. Once it holds, it holds until the departure is below half of that.
     *
     * @param limit in the metric's unit, above 0
     * @param overMs 1 h to 90 d: time constant of the mean, and how long the device counts as new
     */
    record Drift(double limit, long overMs) implements Condition {
        public Drift {
            if (!(limit > 0)) {
                throw new IllegalArgumentException("a drift must be above 0, is " + limit);
            }
            if (overMs < 3_600_000 || overMs > 90L * 86_400_000) {
                throw new IllegalArgumentException("a drift is measured over 1 h to 90 d, not " + overMs + " ms");
            }
        }

        @Override
        public boolean holds(RuleState state, double value, long atMs) {
            DriftMeter meter = state.drift == null ? new DriftMeter() : state.drift;
            state.drift = meter;
            return meter.add(atMs, value, overMs) >= (state.holding() ? limit / 2 : limit);
        }
    }

    /**
     * The reading makes the recent course more unusual for this device than {@code limit}: see {@link AdaptiveBaseline}.
     * The score peaks for a reading or a few, so once the condition holds it does until the score is below half of the
     * limit, and a rule keeps the alert for as long as somebody should see it by its off-delay; an on-delay of more than
     * the interval of the readings makes it deaf. The next alarm can be {@link AdaptiveBaseline#HOLD_ROWS} readings
     * later.
     *
     * <p>It knows what is rare, not what is dangerous, and noise is rare at times: it is refused to alarms and to what is
     * critical.
     *
     * @param limit score, from {@link AdaptiveBaseline#ALARM} to under 1
     */
    record Unusual(double limit) implements Condition {
        public Unusual {
            if (!(limit >= AdaptiveBaseline.ALARM && limit < 1)) {
                throw new IllegalArgumentException(
                        "unusual is from " + AdaptiveBaseline.ALARM + " to under 1, is " + limit);
            }
        }

        @Override
        public boolean isMeasured() {
            return false;
        }

        @Override
        public boolean suits(AlertKind kind, Severity severity) {
            return kind != AlertKind.ALARM && severity != Severity.CRITICAL;
        }

        @Override
        public boolean holds(RuleState state, double value, long atMs) {
            AdaptiveBaseline baseline = state.baseline == null ? new AdaptiveBaseline() : state.baseline;
            state.baseline = baseline;
            return baseline.score(atMs, value, limit) >= (state.holding() ? limit / 2 : limit);
        }
    }

    /** The sensor is broken: it reports its fault, is stuck, or tells what cannot be true. A single spike is no fault. */
    record Faulty() implements Condition {
        @Override
        public double limit() {
            return 0;
        }

        @Override
        public boolean isMeasured() {
            return false;
        }

        @Override
        public boolean holds(RuleState state, double value, long atMs) {
            return false;
        }

        @Override
        public boolean isAboutFaults() {
            return true;
        }
    }

    private static void checkRate(double limit, long windowMs) {
        if (!(limit > 0)) {
            throw new IllegalArgumentException("a rate must be above 0, is " + limit);
        }
        if (windowMs < 10_000 || windowMs > 600_000) {
            throw new IllegalArgumentException("window " + windowMs + " ms is not within 10 s to 10 min");
        }
    }

    private static boolean isFast(RuleState state, double value, long atMs, double limit, long windowMs) {
        double rate = state.rise.add(atMs, value, limit, windowMs);
        // Half of the limit as hysteresis: a fire's plume swings.
        return rate >= (state.holding() ? limit / 2 : limit);
    }
}
