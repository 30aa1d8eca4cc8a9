package dev.tocsin.profiles.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class QualityJudgeTest {
    private static final long MINUTE_MS = 60_000;

    /** Its temperature may be the same for 12 h. */
    private final Profile board = ProfileCatalog.builtIn().find("gas-mq2-board");

    /** Temperatures, one every 5 s. */
    private List<Quality> qualities(double... values) {
        List<Reading> readings = new ArrayList<>();
        for (int i = 0; i < values.length; i++) {
            readings.add(new Reading("d", "temp", values[i], i * 5000L, i * 5000L, Quality.GOOD));
        }
        return new QualityJudge(100)
                .judge(board, false, readings).stream().map(Reading::quality).toList();
    }

    @Test
    void aLostBitIsASpikeAndTheValueAfterItIsGood() {
        assertThat(qualities(22.0, 18.8, 22.0, 9.2, 22.1, -3.6, 22.1))
                .containsExactly(
                        Quality.GOOD,
                        Quality.SPIKE,
                        Quality.GOOD,
                        Quality.SPIKE,
                        Quality.GOOD,
                        Quality.SPIKE,
                        Quality.GOOD);
    }

    @Test
    void whatTwoSamplesSayIsTrueSoThatAFireIsHiddenForOneSampleAtMost() {
        assertThat(qualities(22, 79, 79.5, 79))
                .containsExactly(Quality.GOOD, Quality.SPIKE, Quality.GOOD, Quality.GOOD);
    }

    @Test
    void aFireThatGoesOnRisingFastIsHiddenForOneSampleAndNotForEverySecond() {
        assertThat(qualities(22, 40, 58, 76, 76.1, 22, 76))
                .containsExactly(
                        Quality.GOOD,
                        Quality.SPIKE,
                        Quality.GOOD,
                        Quality.GOOD,
                        Quality.GOOD,
                        Quality.SPIKE,
                        Quality.GOOD);
    }

    @Test
    void aGlitchBeforeAFireCostsNoMoreThanOneSampleOfTheFire() {
        assertThat(qualities(20, 10, 79, 79)).containsExactly(Quality.GOOD, Quality.SPIKE, Quality.SPIKE, Quality.GOOD);
    }

    @Test
    void twoLostBitsInARowAreTwoSpikesAndAColdThatStaysIsTakenAtTheSecondSample() {
        assertThat(qualities(19.1, 15.9, 6.3, 19.1))
                .containsExactly(Quality.GOOD, Quality.SPIKE, Quality.SPIKE, Quality.GOOD);
        assertThat(qualities(19.1, 10, 9.5, 9.4)).endsWith(Quality.GOOD, Quality.GOOD);
    }

    @Test
    void theSameSampleOnceMoreIsNoSecondWitnessOfASpike() {
        QualityJudge judge = new QualityJudge(100);
        Reading before = new Reading("d", "temp", 22, 0, 0, Quality.GOOD);
        Reading spike = new Reading("d", "temp", 79, 5_000, 5_000, Quality.GOOD);
        assertThat(judge.judge(board, false, List.of(before, spike, spike)))
                .extracting(Reading::quality)
                .containsExactly(Quality.GOOD, Quality.SPIKE, Quality.SPIKE);
    }

    @Test
    void aValueOutsideOfTheRangeIsBadAndMovesNothing() {
        assertThat(qualities(22, 81, 22)).containsExactly(Quality.GOOD, Quality.OUT_OF_RANGE, Quality.GOOD);
    }

    private static Reading everyMinute(int minute, double value) {
        return new Reading("d", "temp", value, minute * MINUTE_MS, minute * MINUTE_MS, Quality.GOOD);
    }

    private static List<Quality> qualities(QualityJudge judge, Profile profile, List<Reading> readings) {
        return judge.judge(profile, false, readings).stream()
                .map(Reading::quality)
                .toList();
    }

    @Test
    void aValueThatIsTheSameForLongerThanItsMetricAllowsIsStuckUntilItMoves() {
        List<Reading> readings = new ArrayList<>();
        for (int minute = 0; minute < 722; minute++) {
            readings.add(everyMinute(minute, 21.3));
        }
        readings.add(everyMinute(722, 21.4));

        List<Quality> judged = qualities(new QualityJudge(100), board, readings);

        assertThat(judged.subList(0, 720)).containsOnly(Quality.GOOD);
        assertThat(judged.subList(720, 723)).containsExactly(Quality.STUCK, Quality.STUCK, Quality.GOOD);
    }

    @Test
    void silenceProvesNothingAndNeitherDoAFewReadings() {
        List<Reading> withAGap = new ArrayList<>();
        for (int minute = 0; minute < 300; minute++) {
            withAGap.add(everyMinute(minute, 21.3));
            withAGap.add(everyMinute(minute + 720, 21.3));
        }
        withAGap.sort(Comparator.comparingLong(Reading::observedAtMs));
        assertThat(qualities(new QualityJudge(100), board, withAGap)).containsOnly(Quality.GOOD);

        List<Reading> few =
                IntStream.range(0, 9).mapToObj(i -> everyMinute(i * 120, 21.3)).toList();
        assertThat(qualities(new QualityJudge(100), board, few)).containsOnly(Quality.GOOD);
    }

    @Test
    void aSensorMayRestAtTheEndOfItsRangeAndAMetricWithoutALimitForEver() {
        List<Reading> readings = new ArrayList<>();
        for (int minute = 0; minute < 1_000; minute++) {
            long atMs = minute * MINUTE_MS;
            readings.add(new Reading("d", "humidity", 100, atMs, atMs, Quality.GOOD));
            readings.add(new Reading("d", "co", 0.3, atMs, atMs, Quality.GOOD));
        }
        assertThat(qualities(new QualityJudge(100), board, readings)).containsOnly(Quality.GOOD);
    }

    @Test
    void aSensorThatIsStuckAboveALimitIsOneTroubleAndNoFire() {
        QualityJudge judge = new QualityJudge(100);
        for (int minute = 0; minute < 720; minute++) {
            judge.judge(board, false, List.of(everyMinute(minute, 60)));
        }
        // From here on rules look, as after a new rule set: the readings alone must say that this is no fire.
        RuleStates states = RuleStates.in(new HashMap<>());
        List<Finding> findings = new ArrayList<>();
        for (int minute = 720; minute < 2_000; minute++) {
            double value = minute < 1_500 ? 60 : 45 + minute % 2;
            List<Reading> judged = judge.judge(board, false, List.of(everyMinute(minute, value)));
            Judge.onReadings(board, DeviceReadings.of("d", board.id(), false, minute, judged), states, findings::add);
        }
        assertThat(findings)
                .extracting(Finding::rule, Finding::raised)
                .containsExactly(tuple("gas-mq2-board/temp.fault", true), tuple("gas-mq2-board/temp.fault", false));
    }

    @Test
    void seriesBeyondTheBoundAreForgottenAndNothingElse() {
        QualityJudge small = new QualityJudge(1);
        Reading first = new Reading("a", "temp", 22, 0, 0, Quality.GOOD);
        small.judge(board, false, List.of(first, new Reading("b", "temp", 22, 0, 0, Quality.GOOD)));
        Reading later = new Reading("a", "temp", 2, 5000, 5000, Quality.GOOD);
        assertThat(small.judge(board, false, List.of(later))).containsExactly(later);
    }
}
