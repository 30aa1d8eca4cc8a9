package dev.tocsin.profiles.detect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.profile.CodecSpec;
import dev.tocsin.profiles.profile.LocalText;
import dev.tocsin.profiles.profile.Metric;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class JudgeTest {
    /** Event time of the tests' second 0; readings arrive 100 ms after they were taken. */
    private static final long START_MS = 1_700_000_000_000L;

    private static final long ON_THE_WAY_MS = 100;

    private final Map<String, RuleState> byRule = new HashMap<>();
    private final RuleStates states = RuleStates.in(byRule);
    private final List<Finding> findings = new ArrayList<>();

    private static Profile profile(Condition condition, long onDelayS, long offDelayS) {
        Rule rule = new Rule(
                "p/r",
                3,
                "t",
                condition,
                onDelayS * 1000,
                offDelayS * 1000,
                AlertKind.ALARM,
                Severity.CRITICAL,
                LocalText.of("hot"));
        return new Profile(
                "p",
                3,
                LocalText.of("p"),
                "heat",
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                Map.of("t", new Metric("t", "Cel", LocalText.of("t"), -40, 1000, null, 0)),
                List.of(rule),
                0,
                0,
                false,
                new CodecSpec.SenMl(false, List.of()),
                Map.of());
    }

    private static Reading at(double second, double value, Quality quality) {
        long atMs = START_MS + Math.round(second * 1000);
        return new Reading("d", "t", value, atMs, atMs + ON_THE_WAY_MS, quality);
    }

    private void feed(Profile profile, Reading... readings) {
        Judge.onReadings(profile, DeviceReadings.of("d", "p", false, 1, List.of(readings)), states, findings::add);
    }

    private void feed(Profile profile, double second, double value) {
        feed(profile, at(second, value, Quality.GOOD));
    }

    private static double second(long ms) {
        return (ms - START_MS) / 1000.0;
    }

    @Test
    void aGatewayClockThatWasSetBackMakesNoRuleDeaf() {
        Profile above = profile(new Condition.Above(57, 50), 0, 0);
        feed(above, 3_600, 20);
        feed(above, 1, 90);
        assertThat(findings).hasSize(1);
        feed(above, 7_200, 90);
        feed(above, 2, 20);
        assertThat(findings).hasSize(2);
        assertThat(findings.get(1).raised()).isFalse();
    }

    @Test
    void aReadingThatIsLateByLessThanAClockMayBeAheadIsNotJudged() {
        Profile above = profile(new Condition.Above(57, 50), 0, 0);
        feed(above, 4, 20);
        feed(above, 1, 90);
        assertThat(findings).isEmpty();
    }

    @Test
    void withoutADelayTheFirstReadingAtTheLimitRaisesAndProvesIt() {
        Profile above = profile(new Condition.Above(57, 50), 0, 0);
        feed(above, 0, 21);
        feed(above, 1, 57);
        Finding raise = findings.get(0);
        assertThat(findings).hasSize(1);
        assertThat(raise.raised()).isTrue();
        assertThat(raise.ruleVersion()).isEqualTo(3);
        assertThat(raise.unit()).isEqualTo("Cel");
        assertThat(second(raise.onsetMs())).isEqualTo(1);
        assertThat(raise.value()).isEqualTo(57);
        assertThat(raise.evidence().limit()).isEqualTo(57);
        assertThat(raise.evidence().readings()).extracting("value").containsExactly(21.0, 57.0);
        assertThat(raise.evidence().readings()[1].at()).isEqualTo(Instant.ofEpochMilli(START_MS + 1000));
    }

    @Test
    void betweenClearAndLimitNothingChanges() {
        Profile above = profile(new Condition.Above(57, 50), 0, 0);
        int second = 0;
        for (double value : new double[] {56.9, 57, 51, 50, 56, 49.9, 56, 57}) {
            feed(above, second++, value);
        }
        assertThat(findings).extracting("raised").containsExactly(true, false, true);
        assertThat(findings).extracting("value").containsExactly(57.0, 49.9, 57.0);
        assertThat(findings.get(1).onsetMs()).isEqualTo(findings.get(0).onsetMs());
    }

    @Test
    void belowIsTheMirrorOfAbove() {
        Profile below = profile(new Condition.Below(10, 15), 0, 0);
        int second = 0;
        for (double value : new double[] {11, 10, 14, 15, 15.1, 11}) {
            feed(below, second++, value);
        }
        assertThat(findings).extracting("value").containsExactly(10.0, 15.1);
    }

    @Test
    void theOnDelayRunsInEventTimeAndAnInterruptionStartsItAnew() {
        Profile above = profile(new Condition.Above(57, 57), 10, 0);
        feed(above, 0, 60);
        feed(above, 9, 56);
        feed(above, 10, 60);
        feed(above, 19.9, 60);
        assertThat(findings).isEmpty();
        feed(above, 21, 60);
        assertThat(second(findings.get(0).onsetMs())).isEqualTo(10);
        assertThat(second(findings.get(0).atMs())).isEqualTo(20);
    }

    @Test
    void theOffDelayRunsInEventTimeAndARecurrenceKeepsTheAlarm() {
        Profile above = profile(new Condition.Above(57, 57), 0, 30);
        feed(above, 0, 60);
        feed(above, 10, 20);
        feed(above, 39, 60);
        feed(above, 50, 20);
        feed(above, 79, 20);
        assertThat(findings).hasSize(1);
        feed(above, 90, 20);
        assertThat(findings.get(1).raised()).isFalse();
        assertThat(second(findings.get(1).atMs())).isEqualTo(80);
    }

    @Test
    void aDelayEndsByTheWallClockWhereNoReadingComesWithTheTimesThatAReadingWouldHaveGiven() {
        Profile above = profile(new Condition.Above(57, 57), 10, 30);
        assertThat(Judge.wakeAtMs(above, states)).isEqualTo(Long.MAX_VALUE);
        feed(above, 0, 60);
        long wakeAtMs = Judge.wakeAtMs(above, states);
        assertThat(wakeAtMs).isEqualTo(START_MS + ON_THE_WAY_MS + 10_000);
        Judge.wake(above, "d", states, wakeAtMs - 1, findings::add);
        assertThat(findings).isEmpty();
        Judge.wake(above, "d", states, wakeAtMs, findings::add);
        assertThat(second(findings.get(0).atMs())).isEqualTo(10);
        assertThat(second(findings.get(0).onsetMs())).isZero();

        RuleStates other = RuleStates.in(new HashMap<>());
        List<Finding> byReading = new ArrayList<>();
        Judge.onReadings(
                above,
                DeviceReadings.of("d", "p", false, 1, List.of(at(0, 60, Quality.GOOD), at(11, 61, Quality.GOOD))),
                other,
                byReading::add);
        assertThat(byReading.get(0).onsetMs()).isEqualTo(findings.get(0).onsetMs());
        assertThat(byReading.get(0).atMs()).isEqualTo(findings.get(0).atMs());

        feed(above, 20, 20);
        Judge.wake(above, "d", states, Judge.wakeAtMs(above, states), findings::add);
        assertThat(second(findings.get(1).atMs())).isEqualTo(50);
        assertThat(Judge.wakeAtMs(above, states)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void olderReadingsAreNotJudgedSoThatTheSameFileAgainFindsNothing() {
        Profile above = profile(new Condition.Above(57, 50), 0, 0);
        for (int round = 0; round < 2; round++) {
            for (int second = 0; second < 100; second++) {
                long atMs = START_MS + second * 1_000L;
                long receivedAtMs = atMs + round * 3_600_000L;
                feed(above, new Reading("d", "t", second == 50 ? 60 : 20, atMs, receivedAtMs, Quality.GOOD));
            }
        }
        assertThat(findings).hasSize(2);
    }

    @Test
    void badReadingsNeitherRaiseNorClearButStandInTheEvidence() {
        Profile above = profile(new Condition.Above(57, 50), 0, 0);
        feed(above, at(0, 900, Quality.SPIKE), at(1, 900, Quality.OUT_OF_RANGE));
        assertThat(findings).isEmpty();
        feed(above, at(2, 60, Quality.CLOCK));
        feed(above, at(3, 0, Quality.SENSOR_FAULT));
        assertThat(findings).hasSize(1);
        assertThat(findings.get(0).evidence().readings())
                .extracting("quality")
                .containsExactly(Quality.SPIKE, Quality.OUT_OF_RANGE, Quality.CLOCK);
    }

    @Test
    void evidenceIsTheLastSixteen() {
        Profile above = profile(new Condition.Above(57, 50), 0, 0);
        for (int second = 0; second < 100; second++) {
            feed(above, second, second == 99 ? 60 : second / 2.0);
        }
        assertThat(findings.get(0).evidence().readings()).hasSize(16);
        assertThat(findings.get(0).evidence().readings()[0].value()).isEqualTo(42);
    }

    @Test
    void replayedReadingsAreNotHurriedByTheWallClockAndMakeDrills() {
        Profile above = profile(new Condition.Above(57, 50), 10, 0);
        for (int second : new int[] {0, 10}) {
            Judge.onReadings(
                    above,
                    DeviceReadings.of("d", "p", true, 1, List.of(at(second, 60, Quality.GOOD))),
                    states,
                    findings::add);
            if (second == 0) {
                assertThat(Judge.wakeAtMs(above, states)).isEqualTo(Long.MAX_VALUE);
            }
        }
        assertThat(findings).extracting("replayed").containsExactly(true);
    }

    @Test
    void judgingIsCheap() {
        Profile rise = profile(new Condition.RateOfRise(8.3, 60_000), 0, 0);
        List<Reading> readings = new ArrayList<>();
        for (int second = 0; second < 100_000; second++) {
            readings.add(at(second, 21 + Math.sin(second / 50.0), Quality.GOOD));
        }
        DeviceReadings columns = DeviceReadings.of("d", "p", false, 1, readings);
        long nanos = Long.MAX_VALUE;
        for (int round = 0; round < 20; round++) {
            long start = System.nanoTime();
            Judge.onReadings(rise, columns, RuleStates.in(new HashMap<>()), findings::add);
            nanos = Math.min(nanos, System.nanoTime() - start);
        }
        System.out.printf("rate of rise: %.0f ns a reading%n", nanos / 100_000.0);
        assertThat(findings).isEmpty();
    }

    @Test
    void aRuleOutsideOfItsScheduleHoldsNothingAndLetsGoOfWhatItHeld() {
        // Second 0 is 2023-11-14 22:13:20 UTC, a Tuesday.
        Schedule untilHalfPast = Schedule.parse("UTC", List.of("Tu 22:00-22:30"));
        Profile armed = profile(new Condition.Above(1, 1), 0, 0);
        Rule rule = armed.rules().get(0);
        armed = armed.withRules(List.of(new Rule(
                rule.id(),
                rule.version(),
                rule.metric(),
                rule.condition(),
                0,
                0,
                rule.kind(),
                rule.severity(),
                rule.name(),
                untilHalfPast,
                false,
                Orders.NONE)));
        feed(armed, 0, 1);
        feed(armed, 1_000, 1);
        feed(armed, 1_001, 1);

        assertThat(findings).extracting(Finding::raised).containsExactly(true, false);
        assertThat(second(findings.get(1).atMs())).isEqualTo(1_000);
    }

    @Test
    void aBrokenSensorIsInTroubleAndASingleSpikeIsNot() {
        Profile faulty = profile(new Condition.Faulty(), 60, 30);
        feed(faulty, at(0, 20, Quality.GOOD), at(10, 400, Quality.SPIKE), at(20, 20, Quality.GOOD));
        assertThat(byRule.size()).as("a sensor that is well costs nothing").isZero();

        feed(faulty, at(30, 999, Quality.SENSOR_FAULT), at(40, 999, Quality.SENSOR_FAULT));
        assertThat(findings).isEmpty();
        feed(faulty, at(95, 999, Quality.SENSOR_FAULT));
        assertThat(findings).extracting(Finding::raised).containsExactly(true);
        assertThat(second(findings.get(0).onsetMs())).isEqualTo(30);

        feed(faulty, at(100, 20, Quality.GOOD), at(140, 20, Quality.GOOD));
        assertThat(findings).extracting(Finding::raised).containsExactly(true, false);
        assertThat(byRule.size()).isZero();
    }

    @Test
    void aLatchingRuleStaysRaisedUntilAResetThatCameAfterTheRaise() {
        Profile above = profile(new Condition.Above(57, 57), 0, 10);
        Profile latching = ordered(above, true, Orders.NONE);
        feed(latching, 0, 60);
        feed(latching, 10, 20);
        feed(latching, 3_600, 20);
        assertThat(findings).hasSize(1);

        feed(ordered(above, true, reset(0)), 3_610, 20);
        assertThat(findings).as("a reset before the raise").hasSize(1);
        Profile reset = ordered(above, true, reset(3_700));
        feed(reset, 3_690, 20);
        feed(reset, 3_699, 20);
        assertThat(findings).as("the reset is still to come").hasSize(1);

        feed(reset, 3_700, 20);
        feed(reset, 3_710, 20);
        assertThat(findings).extracting(Finding::raised).containsExactly(true, false);
        assertThat(second(findings.get(1).atMs())).isEqualTo(3_710);
    }

    @Test
    void aResetDoesNotEndWhatStillGoesOn() {
        Profile latching = ordered(profile(new Condition.Above(57, 57), 0, 0), true, reset(5));
        feed(latching, 0, 60);
        feed(latching, 10, 60);
        assertThat(findings).hasSize(1);

        feed(latching, 20, 20);
        assertThat(findings).extracting(Finding::raised).containsExactly(true, false);
        feed(latching, 30, 60);
        feed(latching, 40, 20);
        assertThat(findings)
                .as("that reset has had its effect, the next raise latches again")
                .extracting(Finding::raised)
                .containsExactly(true, false, true);
    }

    @Test
    void aSuspendedRuleRaisesNothingAndWhatGoesOnAfterwardsIsRaisedThen() {
        Profile suspended = ordered(profile(new Condition.Above(57, 57), 10, 0), false, suspended(100));
        feed(suspended, 0, 60);
        feed(suspended, 50, 60);
        assertThat(findings).isEmpty();

        feed(suspended, 100, 60);
        feed(suspended, 111, 60);
        assertThat(second(findings.get(0).onsetMs())).isEqualTo(100);
    }

    @Test
    void suspendingARuleLetsGoOfWhatItHeldButIsNoResetOfALatchingOne() {
        Profile above = profile(new Condition.Above(57, 57), 0, 0);
        feed(above, 0, 60);
        feed(ordered(above, false, suspended(100)), 10, 60);
        assertThat(findings).extracting(Finding::raised).containsExactly(true, false);

        findings.clear();
        byRule.clear();
        feed(above, 0, 60);
        feed(ordered(above, true, suspended(100)), 10, 60);
        assertThat(findings).extracting(Finding::raised).containsExactly(true);
    }

    @Test
    void aDelayThatRunsWhenItsRuleIsSuspendedRaisesNothing() {
        Profile above = profile(new Condition.Above(57, 57), 10, 0);
        feed(above, 0, 60);
        Profile suspended = ordered(above, false, suspended(100));
        Judge.wake(suspended, "d", states, Judge.wakeAtMs(suspended, states), findings::add);

        assertThat(findings).isEmpty();
        assertThat(Judge.wakeAtMs(suspended, states)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatIsRaisedUnderTestIsADrillAndWhatGoesOnAfterTheTestIsRaisedInEarnest() {
        Profile tested =
                ordered(profile(new Condition.Above(57, 50), 0, 0), false, new Orders(0, START_MS + 100_000, 0));
        feed(tested, 0, 60);
        feed(tested, 20, 20);
        assertThat(findings).extracting(Finding::drill).containsExactly(true, true);

        feed(tested, 90, 60);
        feed(tested, 100, 60);
        assertThat(findings).extracting(Finding::raised).containsExactly(true, false, true, false, true);
        assertThat(findings).extracting(Finding::drill).containsExactly(true, true, true, true, false);
        assertThat(second(findings.get(4).onsetMs())).isEqualTo(100);
    }

    @Test
    void aTestMakesNoDrillOfWhatWasRaisedBeforeIt() {
        Profile above = profile(new Condition.Above(57, 50), 0, 0);
        feed(above, 0, 60);
        feed(ordered(above, false, new Orders(0, START_MS + 100_000, 0)), 10, 20);

        assertThat(findings).extracting(Finding::drill).containsExactly(false, false);
    }

    private static Orders suspended(int untilSecond) {
        return new Orders(START_MS + untilSecond * 1000L, 0, 0);
    }

    private static Orders reset(int atSecond) {
        return new Orders(0, 0, START_MS + atSecond * 1000L);
    }

    private static Profile ordered(Profile profile, boolean latching, Orders orders) {
        Rule rule = profile.rules().get(0);
        return profile.withRules(List.of(new Rule(
                rule.id(),
                rule.version(),
                rule.metric(),
                rule.condition(),
                rule.onDelayMs(),
                rule.offDelayMs(),
                rule.kind(),
                rule.severity(),
                rule.name(),
                rule.armed(),
                latching,
                orders)));
    }
}
