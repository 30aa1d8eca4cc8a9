package dev.tocsin.profiles.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PlantBaselineTest {
    private static final int CHANNELS = 4;

    private final Random random = new Random(5);
    private final PlantBaseline baseline = new PlantBaseline(CHANNELS, PlantBaseline.LEARN_ROWS, 0);

    @Test
    void nothing_is_said_while_it_learns() {
        for (int row = 0; row < PlantBaseline.LEARN_ROWS; row++) {
            assertThat(baseline.score(quiet())).isZero();
        }
    }

    @Test
    void a_quiet_plant_stays_below_the_alarm() {
        assertThat(anomalous(3_000, 0, 0)).isLessThan(30);
    }

    @Test
    void a_flow_that_drops_by_two_deviations_is_marked_for_as_long_as_it_lasts() {
        learn();

        assertThat(anomalous(30, 2, 0)).isPositive();
        assertThat(anomalous(300, 2, 0)).isEqualTo(300);
        anomalous(60, 0, 0);
        assertThat(anomalous(100, 0, 0)).isLessThan(10);
    }

    @Test
    void a_channel_that_starts_to_shake_is_marked() {
        learn();

        anomalous(60, 0, 8);
        assertThat(anomalous(100, 0, 8)).isGreaterThan(90);
    }

    @Test
    void a_channel_that_wandered_while_learning_may_wander_on() {
        PlantBaseline wandering = new PlantBaseline(1, 400, 0);
        double level = 0;
        int marked = 0;
        for (int row = 0; row < 1_000; row++) {
            level += 0.1 * random.nextGaussian();
            marked += wandering.score(new double[] {level}) >= PlantBaseline.ALARM ? 1 : 0;
        }

        assertThat(marked).isLessThan(60);
    }

    @Test
    void a_lasting_change_becomes_normal_where_it_may_follow() {
        PlantBaseline following = new PlantBaseline(1, 400, 500);
        int late = 0;
        for (int row = 0; row < 6_000; row++) {
            double score = following.score(new double[] {(row < 1_000 ? 0 : 5) + random.nextGaussian()});
            assertThat(row > 1_030 && row < 1_300 && score < PlantBaseline.ALARM)
                    .isFalse();
            late += row > 5_000 && score >= PlantBaseline.ALARM ? 1 : 0;
        }

        assertThat(late).isLessThan(50);
    }

    @Test
    void a_channel_too_many_is_refused() {
        assertThatThrownBy(() -> baseline.score(new double[CHANNELS + 1]))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("5 values for 4 channels");
    }

    private void learn() {
        for (int row = 0; row < PlantBaseline.LEARN_ROWS; row++) {
            baseline.score(quiet());
        }
    }

    /** How many rows are marked with channel 0 off its level by that much, and shaking by that much more. */
    private int anomalous(int rows, double off, double shaking) {
        int marked = 0;
        for (int row = 0; row < rows; row++) {
            double[] values = quiet();
            values[0] += shaking * random.nextGaussian() - off;
            marked += baseline.score(values) >= PlantBaseline.ALARM ? 1 : 0;
        }
        return marked;
    }

    private double[] quiet() {
        double[] values = new double[CHANNELS];
        for (int i = 0; i < CHANNELS; i++) {
            values[i] = 100 * i + random.nextGaussian();
        }
        return values;
    }
}
