package dev.tocsin.profiles.detect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class DriftTest {
    private static final long HOUR_MS = 3_600_000;
    private static final long DAY_MS = 24 * HOUR_MS;
    /** A chamber's clean air in dB/m, and the share of the alarm threshold at which it wants cleaning. */
    private static final Condition.Drift DIRTY = new Condition.Drift(0.02, 14 * DAY_MS);

    private final Random random = new Random(1);
    private final RuleState state = new RuleState();

    @Test
    void aChamberThatGetsDirtyOverWeeksIsSaidToDrift() {
        assertThat(feed(0, 30, 0.010, 0.010)).as("as it was new").isFalse();
        assertThat(feed(30, 120, 0.010, 0.060)).isTrue();
    }

    @Test
    void smokeOfAnHourIsNoDrift() {
        feed(0, 30, 0.010, 0.010);
        for (int minute = 0; minute < 60; minute++) {
            assertThat(DIRTY.holds(state, 1.5, 30 * DAY_MS + minute * 60_000L)).isFalse();
        }
        assertThat(feed(31, 60, 0.010, 0.010)).isFalse();
    }

    @Test
    void oneReadingAfterALongGapIsNoDrift() {
        feed(0, 30, 0.010, 0.010);

        assertThat(DIRTY.holds(state, 0.15, 400 * DAY_MS)).isFalse();
    }

    @Test
    void cleaningEndsIt() {
        feed(0, 30, 0.010, 0.010);
        assertThat(feed(30, 120, 0.010, 0.060)).isTrue();
        state.phase = RuleState.RAISED;

        assertThat(feed(120, 180, 0.010, 0.010)).isFalse();
    }

    /** One reading an hour, with noise. */
    private boolean feed(int fromDay, int toDay, double from, double to) {
        boolean holds = false;
        int hours = (toDay - fromDay) * 24;
        for (int hour = 0; hour < hours; hour++) {
            double value = from + (to - from) * hour / hours + 0.003 * random.nextGaussian();
            holds = DIRTY.holds(state, value, fromDay * DAY_MS + hour * HOUR_MS);
        }
        return holds;
    }
}
