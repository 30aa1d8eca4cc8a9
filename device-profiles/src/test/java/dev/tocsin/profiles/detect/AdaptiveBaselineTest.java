package dev.tocsin.profiles.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class AdaptiveBaselineTest {
    private static final long FIVE_MINUTES_MS = 300_000;
    private static final int DAY_ROWS = 288;

    private final Random random = new Random(7);

    @Test
    void a_series_that_never_changes_never_alarms() {
        assertThat(alarms(5_000, row -> 45)).isEmpty();
    }

    @Test
    void pure_noise_alarms_less_than_once_in_five_hundred_rows() {
        assertThat(alarms(20_000, row -> 20 + random.nextGaussian())).hasSizeLessThanOrEqualTo(40);
    }

    @Test
    void a_lasting_shift_is_told_within_ten_rows_and_once() {
        List<Integer> alarms = alarms(2_050, row -> (row < 2_000 ? 20 : 26) + random.nextGaussian());

        assertThat(alarms).filteredOn(row -> row >= 2_000).hasSize(1).allMatch(row -> row <= 2_010);
    }

    @Test
    void a_level_it_has_learned_is_news_no_more() {
        List<Integer> alarms = alarms(6_000, row -> (row / 500 % 2 == 0 ? 20 : 30) + random.nextGaussian());

        assertThat(alarms).filteredOn(row -> row >= 4_000).hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void a_series_that_falls_silent_in_value_is_told() {
        List<Integer> alarms = alarms(2_100, row -> row < 2_000 ? 20 + random.nextGaussian() : 20);

        assertThat(alarms).anyMatch(row -> row >= 2_000);
    }

    @Test
    void an_ordinary_value_at_the_wrong_time_of_day_is_told() {
        // Day after day 60 by day and 20 by night; then one day stays at night's level.
        int oddDay = 10;
        IntToDoubleFunction days = row -> {
            boolean daytime = row % DAY_ROWS >= 96 && row % DAY_ROWS < 216 && row / DAY_ROWS != oddDay;
            return (daytime ? 60 : 20) + random.nextGaussian();
        };

        List<Integer> alarms = alarms(12 * DAY_ROWS, days);

        assertThat(alarms).anyMatch(row -> row / DAY_ROWS == oddDay);
        assertThat(alarms)
                .filteredOn(row -> row / DAY_ROWS < oddDay && row > 3 * DAY_ROWS)
                .hasSizeLessThanOrEqualTo(2);
    }

    @Test
    void the_unit_of_the_series_does_not_matter() {
        Random same = new Random(3);
        List<Integer> celsius = alarms(3_000, row -> (row < 2_500 ? 20 : 24) + same.nextGaussian());
        Random again = new Random(3);
        List<Integer> millikelvin = alarms(3_000, row -> 1000 * ((row < 2_500 ? 20 : 24) + again.nextGaussian()));

        assertThat(millikelvin).isEqualTo(celsius);
    }

    @Test
    void what_comes_later_does_not_change_an_earlier_score() {
        double[] values = random.doubles(2_000).toArray();
        AdaptiveBaseline first = new AdaptiveBaseline();
        AdaptiveBaseline second = new AdaptiveBaseline();
        for (int row = 0; row < values.length; row++) {
            double score = first.score(row * FIVE_MINUTES_MS, values[row]);

            assertThat(second.score(row * FIVE_MINUTES_MS, values[row])).isEqualTo(score);
        }
        first.score(2_000 * FIVE_MINUTES_MS, 1e9);

        assertThat(second.score(2_000 * FIVE_MINUTES_MS, 0.5)).isLessThan(AdaptiveBaseline.ALARM);
    }

    @Test
    void scores_stay_from_0_to_1_whatever_comes() {
        double[] wild = {0, -1e29, 1e29, Double.MIN_VALUE, 1e-300, 3, -3, 1e12};
        AdaptiveBaseline baseline = new AdaptiveBaseline();
        for (int row = 0; row < 100_000; row++) {
            double score = baseline.score(-row * FIVE_MINUTES_MS, wild[random.nextInt(wild.length)]);

            assertThat(score).isBetween(0.0, 1.0);
        }
    }

    @Test
    void what_is_not_a_measurement_leaves_no_trace() {
        AdaptiveBaseline baseline = new AdaptiveBaseline();
        baseline.score(0, 5);

        for (double value : new double[] {Double.NaN, Double.NEGATIVE_INFINITY, 1e31}) {
            assertThat(baseline.score(1, value)).isZero();
        }
        assertThat(baseline.rows).isEqualTo(1);
        assertThat(baseline.centre).isEqualTo(5);
    }

    @Test
    void the_count_of_rows_turns_back_in_time() {
        AdaptiveBaseline baseline = new AdaptiveBaseline();
        for (int row = 0; row < 100; row++) {
            baseline.score(row, row % 7);
        }
        baseline.rows = (1 << 30) - 4;
        for (int row = 0; row < 100; row++) {
            baseline.score(row, row % 7);
        }

        assertThat(baseline.rows).isEqualTo((1 << 29) + 96);
    }

    private static List<Integer> alarms(int rows, IntToDoubleFunction series) {
        AdaptiveBaseline baseline = new AdaptiveBaseline();
        List<Integer> alarms = new ArrayList<>();
        for (int row = 0; row < rows; row++) {
            if (baseline.score(row * FIVE_MINUTES_MS, series.applyAsDouble(row)) >= AdaptiveBaseline.ALARM) {
                alarms.add(row);
            }
        }
        return alarms;
    }
}
