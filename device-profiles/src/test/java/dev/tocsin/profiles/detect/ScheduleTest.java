package dev.tocsin.profiles.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.ZonedDateTime;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScheduleTest {
    private static final Schedule NIGHTS = Schedule.parse("Asia/Shanghai", List.of("Mo-Fr 22:00-06:00"));

    @Test
    void aNightBelongsToTheDayOnWhichItBegins() {
        // 2026-11-27 is a Friday.
        assertThat(armed(NIGHTS, "2026-11-27T21:59:59+08:00")).isFalse();
        assertThat(armed(NIGHTS, "2026-11-27T22:00:00+08:00")).isTrue();
        assertThat(armed(NIGHTS, "2026-11-28T05:59:59+08:00")).isTrue();
        assertThat(armed(NIGHTS, "2026-11-28T06:00:00+08:00")).isFalse();
        assertThat(armed(NIGHTS, "2026-11-28T23:00:00+08:00")).as("Saturday").isFalse();
        assertThat(armed(NIGHTS, "2026-11-30T01:00:00+08:00"))
                .as("Sunday's night")
                .isFalse();
    }

    @Test
    void wholeDaysAndSpansOverTheWeeksEndAreTimesToo() {
        Schedule weekend =
                Schedule.parse("Europe/Berlin", List.of("Sa-Mo 00:00-24:00", "We 12:00-13:00", "07:00-07:30"));

        assertThat(armed(weekend, "2026-11-28T12:00:00+01:00")).isTrue();
        assertThat(armed(weekend, "2026-11-30T23:59:00+01:00")).isTrue();
        assertThat(armed(weekend, "2026-12-01T00:00:00+01:00")).isFalse();
        assertThat(armed(weekend, "2026-12-02T12:30:00+01:00")).isTrue();
        assertThat(armed(weekend, "2026-12-03T07:15:00+01:00")).isTrue();
    }

    @Test
    void theWallClockKeepsSummerTime() {
        Schedule morning = Schedule.parse("Europe/Berlin", List.of("06:00-07:00"));

        assertThat(armed(morning, "2026-07-01T04:30:00Z")).isTrue();
        assertThat(armed(morning, "2026-12-01T05:30:00Z")).isTrue();
        assertThat(armed(morning, "2026-12-01T04:30:00Z")).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"Mo-Fr", "Mo-Fr 25:00-06:00", "Xx 10:00-11:00", "Mo-Fr 22:00", ""})
    void whatIsNoSpanIsNamed(String text) {
        assertThatThrownBy(() -> Schedule.parse("UTC", List.of(text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'" + text + "'");
    }

    @Test
    void aZoneThatNobodyKnowsAndAnEmptyScheduleAreRefused() {
        assertThatThrownBy(() -> Schedule.parse("Mars/Olympus", List.of("10:00-11:00")))
                .hasMessageContaining("Mars/Olympus");
        assertThatThrownBy(() -> Schedule.parse("UTC", List.of())).hasMessageContaining("arms nothing");
    }

    private static boolean armed(Schedule schedule, String at) {
        return schedule.isArmedAt(ZonedDateTime.parse(at).toInstant().toEpochMilli());
    }
}
