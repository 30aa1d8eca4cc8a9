package dev.tocsin.profiles.detect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class QualityJudgeTest {
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
    void aGlitchBeforeAFireCostsNoMoreThanOneSampleOfTheFire() {
        assertThat(qualities(20, 10, 79, 79)).containsExactly(Quality.GOOD, Quality.SPIKE, Quality.GOOD, Quality.GOOD);
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

    @Test
    void seriesBeyondTheBoundAreForgottenAndNothingElse() {
        QualityJudge small = new QualityJudge(1);
        Reading first = new Reading("a", "temp", 22, 0, 0, Quality.GOOD);
        small.judge(board, false, List.of(first, new Reading("b", "temp", 22, 0, 0, Quality.GOOD)));
        Reading later = new Reading("a", "temp", 2, 5000, 5000, Quality.GOOD);
        assertThat(small.judge(board, false, List.of(later))).containsExactly(later);
    }
}
