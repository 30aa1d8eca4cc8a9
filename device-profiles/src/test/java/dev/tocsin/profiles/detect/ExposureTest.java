package dev.tocsin.profiles.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.profiles.detect.Condition.Exposure;
import dev.tocsin.profiles.detect.Condition.Exposure.Gate;
import java.util.List;
import org.junit.jupiter.api.Test;

class ExposureTest {
    private static final long MINUTE_MS = 60_000;
    private static final Exposure CO = new Exposure(
            List.of(new Gate(50, 75 * MINUTE_MS), new Gate(100, 25 * MINUTE_MS), new Gate(300, 2 * MINUTE_MS)),
            35,
            30,
            240 * MINUTE_MS);

    /** EN 50291-1: 30 ppm not within 120 min, 50 ppm in 60 to 90, 100 ppm in 10 to 40, 300 ppm within 3. */
    @Test
    void aConstantConcentrationAlarmsWithinItsGate() {
        assertThat(minutesUntilAlarm(30)).isEqualTo(Double.POSITIVE_INFINITY);
        assertThat(minutesUntilAlarm(50)).isBetween(60.0, 90.0);
        assertThat(minutesUntilAlarm(100)).isBetween(10.0, 40.0);
        assertThat(minutesUntilAlarm(300)).isLessThanOrEqualTo(3);
        assertThat(minutesUntilAlarm(1000)).isLessThanOrEqualTo(0.5);
    }

    @Test
    void aHigherConcentrationNeverTakesLonger() {
        double before = Double.POSITIVE_INFINITY;
        for (int ppm = 35; ppm < 2_000; ppm += 5) {
            double minutes = minutesUntilAlarm(ppm);
            assertThat(minutes).isLessThanOrEqualTo(before);
            before = minutes;
        }
    }

    @Test
    void exposuresAddUpAndFreshAirTakesThemAwaySlowly() {
        RuleState state = new RuleState();
        assertThat(feed(state, 0, 20, 100)).isFalse();
        assertThat(feed(state, 20, 21, 0)).isFalse();
        assertThat(feed(state, 21, 30, 100)).as("20 of 25 min before, 9 now").isTrue();

        RuleState rested = new RuleState();
        feed(rested, 0, 20, 100);
        feed(rested, 20, 20 + 24 * 60, 0);
        assertThat(feed(rested, 20 + 24 * 60, 42 + 24 * 60, 100)).isFalse();
    }

    @Test
    void aValueCountsForAFewMinutesAndNotThroughAGap() {
        RuleState state = new RuleState();
        CO.holds(state, 250, 0);

        assertThat(CO.holds(state, 100, 10 * 3_600_000L))
                .as("5 min of 250 ppm, and much rest")
                .isFalse();
    }

    @Test
    void whatHoldsEndsWithTheAirAndNotWithTheBlood() {
        RuleState state = new RuleState();
        assertThat(feed(state, 0, 10, 300)).isTrue();
        state.phase = RuleState.RAISED;

        assertThat(CO.holds(state, 31, 11 * MINUTE_MS)).isTrue();
        assertThat(CO.holds(state, 29, 12 * MINUTE_MS)).isFalse();
    }

    @Test
    void gatesThatContradictEachOtherAreRefused() {
        assertThatThrownBy(() -> new Exposure(List.of(new Gate(50, 9_000), new Gate(100, 9_000)), 40, 40, 60_000))
                .hasMessageContaining("gates");
        assertThatThrownBy(() -> new Exposure(List.of(new Gate(50, 9_000)), 40, 40, 60_000))
                .hasMessageContaining("two gates");
        assertThatThrownBy(() -> new Exposure(CO.gates(), 60, 40, 60_000)).hasMessageContaining("floor");
    }

    private static double minutesUntilAlarm(double ppm) {
        RuleState state = new RuleState();
        for (long second = 0; second <= 4 * 3_600; second += 10) {
            if (CO.holds(state, ppm, second * 1_000)) {
                return second / 60.0;
            }
        }
        return Double.POSITIVE_INFINITY;
    }

    /** One reading every 10 s; whether the last one holds. */
    private static boolean feed(RuleState state, int fromMinute, int toMinute, double ppm) {
        boolean holds = false;
        for (long second = fromMinute * 60L; second <= toMinute * 60L; second += 10) {
            holds = CO.holds(state, ppm, second * 1_000);
        }
        return holds;
    }
}
