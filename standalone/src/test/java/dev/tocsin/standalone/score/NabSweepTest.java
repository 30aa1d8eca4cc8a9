package dev.tocsin.standalone.score;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class NabSweepTest {
    /** 100 rows, the first 15 probationary, one window of ten rows from 50 to 59. */
    private static final NabSeries SERIES = series("g/one.csv", 100, new NabSeries.Window(50, 59));

    private final NabSweep sweep = new NabSweep(NabProfile.STANDARD);

    @Test
    void a_detection_at_the_first_row_of_a_window_is_worth_one_point_and_the_later_the_less() {
        double[] weights = sweep.weights(SERIES);

        assertThat(weights[50]).isEqualTo(1, within(1e-12));
        // (2 / (1 + e^-2.5) - 1) / (2 / (1 + e^-5) - 1), by hand, in the middle of the window.
        assertThat(weights[55]).isEqualTo(0.848284 / 0.986614, within(1e-6));
        assertThat(weights[59]).isPositive();
    }

    @Test
    void a_false_detection_costs_a_ninth_of_a_point_and_less_just_after_a_window() {
        double[] weights = sweep.weights(SERIES);

        assertThat(weights[49]).isEqualTo(-0.11);
        assertThat(weights[60]).isEqualTo(0.11 * NabSweep.scaledSigmoid(1 / 9.0), within(1e-12));
        assertThat(weights[90]).isEqualTo(-0.11);
    }

    @Test
    void no_detection_costs_every_window_and_is_0_on_the_scale() {
        NabSweep.Outcome nothing =
                sweep.outcomes(List.of(SERIES), List.of(new double[100])).get(0);

        assertThat(nothing.score()).isEqualTo(-1);
        assertThat(sweep.normalised(nothing.score(), List.of(SERIES))).isZero();
        assertThat(List.of(nothing.tp(), nothing.fp(), nothing.fn(), nothing.tn()))
                .containsExactly(0, 0, 10, 75);
    }

    @Test
    void a_perfect_detection_is_100_on_the_scale() {
        NabSweep.Outcome best = NabSweep.best(sweep.outcomes(List.of(SERIES), List.of(spikes(50))));

        assertThat(sweep.normalised(best.score(), List.of(SERIES))).isEqualTo(100, within(1e-9));
        assertThat(best.total()).isEqualTo(85);
    }

    @Test
    void only_the_best_detection_of_a_window_counts() {
        NabSweep.Outcome both = NabSweep.best(sweep.outcomes(List.of(SERIES), List.of(spikes(52, 58))));
        NabSweep.Outcome early = NabSweep.best(sweep.outcomes(List.of(SERIES), List.of(spikes(52))));

        assertThat(both.score()).isEqualTo(early.score());
        assertThat(both.tp()).isEqualTo(2);
    }

    @Test
    void the_probation_is_not_judged() {
        NabSweep.Outcome best = NabSweep.best(sweep.outcomes(List.of(SERIES), List.of(spikes(3, 14, 50))));

        assertThat(best.fp()).isZero();
    }

    @Test
    void the_probation_is_750_rows_at_most() {
        assertThat(SERIES.probation()).isEqualTo(15);
        assertThat(series("g/long.csv", 20_000).probation()).isEqualTo(750);
    }

    @Test
    void the_optimiser_leaves_out_detections_that_cost_more_than_they_bring() {
        double[] scores = spikes(50);
        for (int row = 16; row < 40; row++) {
            scores[row] = 0.8;
        }

        NabSweep.Outcome best = NabSweep.best(sweep.outcomes(List.of(SERIES), List.of(scores)));

        assertThat(best.threshold()).isEqualTo(0.9);
        assertThat(best.fp()).isZero();
    }

    @Test
    void one_threshold_serves_all_series() {
        NabSeries other = series("g/two.csv", 100, new NabSeries.Window(70, 79));
        double[] faint = new double[100];
        faint[70] = 0.3;

        NabSweep.Outcome best = NabSweep.best(sweep.outcomes(List.of(SERIES, other), List.of(spikes(50), faint)));

        assertThat(best.threshold()).isEqualTo(0.3);
        assertThat(best.score()).isEqualTo(2, within(1e-12));
    }

    @Test
    void a_threshold_between_two_scores_is_that_of_the_higher() {
        List<NabSweep.Outcome> outcomes = sweep.outcomes(List.of(SERIES), List.of(spikes(50, 20)));

        assertThat(NabSweep.at(0.5, outcomes).tp()).isEqualTo(1);
        assertThat(NabSweep.at(1.05, outcomes).tp()).isZero();
    }

    @Test
    void a_missed_window_costs_double_where_false_negatives_do() {
        NabSweep strict = new NabSweep(NabProfile.LOW_FALSE_NEGATIVE);

        assertThat(strict.outcomes(List.of(SERIES), List.of(new double[100]))
                        .get(0)
                        .score())
                .isEqualTo(-2);
    }

    private static double[] spikes(int... rows) {
        double[] scores = new double[100];
        for (int row : rows) {
            scores[row] = 0.9;
        }
        return scores;
    }

    private static NabSeries series(String file, int rows, NabSeries.Window... windows) {
        return new NabSeries(
                file,
                Collections.nCopies(rows, ""),
                Collections.nCopies(rows, "0"),
                new double[rows],
                List.of(windows));
    }
}
