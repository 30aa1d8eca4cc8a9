package dev.tocsin.profiles.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Seconds of event time; 8.3 K/min over a minute unless said otherwise. */
class RateOfRiseTest {
    private static final Condition.RateOfRise RISE = new Condition.RateOfRise(8.3, 60_000);
    private static final int NEVER = -1;

    private final Random random = new Random(3);
    private RuleState state = new RuleState();

    @BeforeEach
    void forget() {
        state = new RuleState();
    }

    /** The second of the first reading by which it holds. */
    private int holdsFrom(Condition rise, int seconds, int interval, IntToDoubleFunction value) {
        for (int second = 0; second < seconds; second += interval) {
            if (rise.holds(state, value.applyAsDouble(second), second * 1_000L)) {
                return second;
            }
        }
        return NEVER;
    }

    @Test
    void a_rise_of_more_than_the_limit_holds_and_a_slower_one_does_not() {
        assertThat(holdsFrom(RISE, 600, 1, second -> 20 + 8.0 * second / 60)).isEqualTo(NEVER);
        forget();
        assertThat(holdsFrom(RISE, 140, 1, second -> 20 + Math.max(0, second - 70) * 10.0 / 60))
                .isBetween(115, 132);
    }

    /** 20 K/min: 8.3 K are there after 24.9 s. */
    @Test
    void a_steep_rise_is_told_by_the_sample_that_completes_it() {
        assertThat(holdsFrom(RISE, 200, 1, second -> 20 + Math.max(0, second - 100) * 20.0 / 60))
                .isEqualTo(125);
    }

    @Test
    void a_rise_is_seen_at_any_interval_up_to_the_window() {
        for (int interval : new int[] {1, 5, 10, 25, 40, 60}) {
            forget();
            assertThat(holdsFrom(RISE, 900, interval, second -> 20 + Math.max(0, second - 300) * 12.0 / 60))
                    .as("every " + interval + " s")
                    .isBetween(300, 360 + 2 * interval);
        }
    }

    @Test
    void what_is_older_than_the_window_does_not_dilute_a_rise() {
        // Every 25 s nothing is 60 s old but something 50 s and something 75 s.
        assertThat(holdsFrom(RISE, 600, 25, second -> 20 + Math.max(0, second - 300) * 9.0 / 60))
                .isBetween(300, 400);
    }

    @Test
    void a_single_wrong_sample_and_the_step_back_are_no_rise() {
        assertThat(holdsFrom(RISE, 3_600, 1, second -> {
                    double wrong = second % 7 == 3 ? (random.nextBoolean() ? 51.2 : -51.2) : 0;
                    return 21 + random.nextGaussian() * 0.2 + wrong;
                }))
                .isEqualTo(NEVER);
    }

    @Test
    void a_single_sample_that_stands_out_counts_for_a_tenth_of_the_limit_at_most() {
        for (double wrong : new double[] {12.8, 51.2, 1e6, -12.8, -51.2, -1e6}) {
            for (int interval : new int[] {1, 5, 10, 30}) {
                forget();
                assertThat(holdsFrom(
                                RISE,
                                3_600,
                                interval,
                                second -> 20 + 7.4 * second / 60 + (second / interval % 9 == 4 ? wrong : 0)))
                        .as(wrong + " every " + interval + " s")
                        .isEqualTo(NEVER);
            }
        }
    }

    /** The steepest hour of a sunny day below a metal roof, with a sensor that resolves half a kelvin. */
    @Test
    void a_slow_noon_is_no_rise() {
        assertThat(holdsFrom(
                        RISE,
                        6 * 3_600,
                        10,
                        second -> Math.round(2 * (25 + 12 * Math.sin(second / 7_200.0 - 1))) / 2.0))
                .isEqualTo(NEVER);
    }

    @Test
    void a_sensor_that_comes_back_from_a_fault_does_not_rise() {
        assertThat(holdsFrom(RISE, 1_200, 1, second -> second < 600 ? 14 : 21)).isEqualTo(NEVER);
    }

    @Test
    void a_gap_longer_than_the_window_starts_the_rate_anew() {
        assertThat(holdsFrom(RISE, 120, 1, second -> 5)).isEqualTo(NEVER);
        for (int second = 181; second < 400; second++) {
            assertThat(RISE.holds(state, 40, second * 1_000L)).isFalse();
        }
    }

    @Test
    void a_pipe_that_bursts_falls_fast() {
        Condition burst = new Condition.RateOfFall(0.1, 30_000);

        assertThat(holdsFrom(burst, 120, 1, second -> 0.4 - Math.max(0, second - 60) * 0.005))
                .isBetween(70, 75);
    }
}
