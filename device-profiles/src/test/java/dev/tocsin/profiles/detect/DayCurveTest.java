package dev.tocsin.profiles.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class DayCurveTest {
    private static final long HALF_HOUR_MS = 1_800_000;

    @Test
    void a_time_of_day_not_seen_yet_is_unknown() {
        assertThat(DayCurve.at(DayCurve.unknown(), 12 * 2 * HALF_HOUR_MS)).isNaN();
    }

    @Test
    void the_same_time_on_another_day_is_known() {
        float[] curve = DayCurve.unknown();
        DayCurve.learn(curve, 20 * HALF_HOUR_MS, 7, 1);

        assertThat(DayCurve.at(curve, (20 + 5 * 48) * HALF_HOUR_MS)).isEqualTo(7);
    }

    @Test
    void between_two_middles_it_is_a_straight_line() {
        float[] curve = DayCurve.unknown();
        DayCurve.learn(curve, 0, 10, 1);
        DayCurve.learn(curve, HALF_HOUR_MS, 20, 2);

        assertThat(DayCurve.at(curve, HALF_HOUR_MS)).isEqualTo(15, within(1e-6));
        assertThat(DayCurve.at(curve, HALF_HOUR_MS / 2)).isEqualTo(10, within(1e-6));
    }

    @Test
    void midnight_joins_the_ends() {
        float[] curve = DayCurve.unknown();
        DayCurve.learn(curve, 47 * HALF_HOUR_MS, 10, 1);
        DayCurve.learn(curve, 48 * HALF_HOUR_MS, 20, 2);

        assertThat(DayCurve.at(curve, 48 * HALF_HOUR_MS)).isEqualTo(15, within(1e-6));
        assertThat(DayCurve.at(curve, -1)).isEqualTo(15, within(1e-3));
    }

    @Test
    void it_follows_a_new_habit_within_weeks() {
        float[] curve = DayCurve.unknown();
        DayCurve.learn(curve, 0, 10, 1);
        for (int day = 1; day <= 100; day++) {
            DayCurve.learn(curve, 48L * day * HALF_HOUR_MS, 20, 288 * day);
        }

        assertThat(curve[0]).isGreaterThan(19);
    }
}
