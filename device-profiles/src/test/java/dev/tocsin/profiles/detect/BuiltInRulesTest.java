package dev.tocsin.profiles.detect;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.Test;

/** The built-in profiles on what happens in the field, in seconds, through quality and rules as at the edge. */
class BuiltInRulesTest {
    private static final long HOUR = 3_600;
    private static final long DAY = 24 * HOUR;
    private static final long FAR = 1_800_000_000;

    private final QualityJudge quality = new QualityJudge(100);
    private final RuleStates states = RuleStates.in(new HashMap<>());
    private final List<Finding> findings = new ArrayList<>();
    private final List<Quality> qualities = new ArrayList<>();
    private final Random random = new Random(5);

    /** Plays a metric from one second up to another, every {@code interval}; delays end as they do by the wall clock. */
    private void play(String id, String metric, long from, long until, long interval, LongToDoubleFunction value) {
        Profile profile = Objects.requireNonNull(ProfileCatalog.builtIn().find(id));
        for (long second = from; second < until; second += interval) {
            long atMs = second * 1_000;
            Judge.wake(profile, "d", states, atMs, findings::add);
            List<Reading> judged = quality.judge(
                    profile,
                    false,
                    List.of(new Reading("d", metric, value.applyAsDouble(second), atMs, atMs, Quality.GOOD)));
            qualities.add(judged.get(0).quality());
            Judge.onReadings(profile, DeviceReadings.of("d", id, false, 1, judged), states, findings::add);
        }
        Judge.wake(profile, "d", states, until * 1_000, findings::add);
    }

    private List<String> raised() {
        return findings.stream()
                .filter(Finding::raised)
                .map(finding -> finding.rule().substring(finding.rule().indexOf('/') + 1))
                .toList();
    }

    private long raisedAtSecond(String rule) {
        return findings.stream()
                        .filter(finding -> finding.raised() && finding.rule().endsWith("/" + rule))
                        .findFirst()
                        .orElseThrow()
                        .atMs()
                / 1_000;
    }

    @Test
    void gas_alarms_at_its_low_level_and_again_at_its_high_one() {
        play("gas-detector", "gas", 0, 600, 5, second -> second / 10.0);

        assertThat(raised()).containsExactly("gas-low", "gas-high");
        assertThat(raisedAtSecond("gas-low")).isBetween(250L, 280L);
        assertThat(raisedAtSecond("gas-high")).isBetween(500L, 530L);
    }

    @Test
    void gas_that_hangs_about_its_low_level_alarms_once() {
        play("gas-detector", "gas", 0, HOUR, 5, second -> 24 + 3 * Math.sin(second / 60.0));

        assertThat(raised()).containsExactly("gas-low");
    }

    @Test
    void one_wrong_sample_of_a_gas_detector_raises_nothing() {
        play("gas-detector", "gas", 0, HOUR, 5, second -> second % 300 == 150 ? 100 : 1);

        assertThat(findings).isEmpty();
    }

    @Test
    void a_gas_detector_whose_zero_moves_wants_calibration() {
        play("gas-detector", "gas", 0, 20 * DAY, HOUR, second -> 0.5 + 0.2 * random.nextGaussian());
        play("gas-detector", "gas", 20 * DAY, 80 * DAY, HOUR, second -> 0.5 - (second / (double) DAY - 20) / 6);

        assertThat(raised()).containsExactly("zero");
    }

    @Test
    void residual_current_alarms_within_30_s_and_neither_leakage_nor_a_transient_does() {
        play("electrical-fire", "residual-current", 0, HOUR, 10, second -> 0.15 + 0.02 * random.nextGaussian());
        play("electrical-fire", "residual-current", HOUR, 2 * HOUR, 10, second -> second % 600 == 0 ? 1.2 : 0.15);
        assertThat(findings).isEmpty();

        play("electrical-fire", "residual-current", 2 * HOUR, 3 * HOUR, 10, second -> 0.35);
        assertThat(raised()).containsExactly("residual-current");
        assertThat(raisedAtSecond("residual-current")).isBetween(2 * HOUR, 2 * HOUR + 30);
    }

    @Test
    void a_hot_cable_alarms_until_it_has_cooled_and_one_wrong_sample_does_not() {
        play("electrical-fire", "cable-temperature", 0, HOUR, 10, second -> second == 1_800 ? 200 : 45);
        assertThat(findings).isEmpty();

        play("electrical-fire", "cable-temperature", HOUR, 2 * HOUR, 10, second -> 45 + (second - HOUR) / 90.0);
        play("electrical-fire", "cable-temperature", 2 * HOUR, 3 * HOUR, 10, second -> 65);
        assertThat(raised()).containsExactly("cable-temperature");
        assertThat(findings).hasSize(1);

        play("electrical-fire", "cable-temperature", 3 * HOUR, 3 * HOUR + 60, 10, second -> 55);
        assertThat(findings).extracting(Finding::raised).containsExactly(true, false);
    }

    @Test
    void a_main_that_bursts_is_told_within_two_reports_and_one_that_is_drawn_from_is_not() {
        play("water-pressure", "pressure", 0, HOUR, 60, second -> 400_000);
        play(
                "water-pressure",
                "pressure",
                HOUR,
                2 * HOUR,
                60,
                second -> 400_000 - Math.min(150_000, (second - HOUR) * 500.0));
        assertThat(raised()).isNotEmpty().doesNotContain("burst", "low");
        play("water-pressure", "pressure", 2 * HOUR, 3 * HOUR, 60, second -> second == 9_000 ? 0 : 400_000);
        assertThat(raised()).doesNotContain("burst", "low");

        play("water-pressure", "pressure", 3 * HOUR, 3 * HOUR + 600, 60, second -> 50_000);
        assertThat(raised()).contains("burst", "low");
        assertThat(raisedAtSecond("burst")).isLessThanOrEqualTo(3 * HOUR + 120);
    }

    @Test
    void a_tank_that_runs_empty_is_told_once_and_clears_when_it_has_filled_again() {
        play("water-pressure", "level", 0, HOUR, 60, second -> 2 - second / 3_000.0);
        play("water-pressure", "level", HOUR, 2 * HOUR, 60, second -> 1.1 + 0.05 * Math.sin((double) second));
        assertThat(findings).extracting(Finding::raised).containsExactly(true);
        play("water-pressure", "level", 2 * HOUR, 2 * HOUR + 300, 60, second -> 1.3);

        assertThat(raised()).containsExactly("level-low");
        assertThat(findings).extracting(Finding::raised).containsExactly(true, false);
    }

    @Test
    void carbon_monoxide_alarms_by_exposure_and_a_gust_of_it_does_not() {
        play("co-detector", "co", 0, 60, 10, second -> 200);
        play("co-detector", "co", 60, 3 * HOUR, 10, second -> 30);
        assertThat(findings).isEmpty();

        play("co-detector", "co", 3 * HOUR, 4 * HOUR, 10, second -> 100);
        assertThat(raised()).containsExactly("co");
        assertThat(raisedAtSecond("co") - 3 * HOUR).isBetween(600L, 2_400L);
    }

    @Test
    void a_smoke_chamber_that_gets_dirty_over_weeks_wants_cleaning_and_raises_no_smoke() {
        play("senml-room", "smoke", 0, 20 * DAY, HOUR, second -> 0.01 + 0.003 * random.nextGaussian());
        play("senml-room", "smoke", 20 * DAY, 120 * DAY, HOUR, second -> 0.01 + (second / (double) DAY - 20) / 1_000);

        assertThat(raised()).containsExactly("smoke-dirty");
    }

    @Test
    void an_hour_of_smoke_is_smoke_and_no_dirt() {
        play("senml-room", "smoke", 0, 20 * DAY, HOUR, second -> 0.01);
        play("senml-room", "smoke", 20 * DAY, 20 * DAY + HOUR, 10, second -> 1);
        play("senml-room", "smoke", 20 * DAY + HOUR, 60 * DAY, HOUR, second -> 0.01);

        assertThat(raised()).containsExactly("smoke", "smoke-pre");
    }

    /** Tenths of a kelvin in 16 bits: each of them may arrive wrong, down or up. */
    @Test
    void no_wrong_bit_of_a_board_is_a_fire_whatever_its_weight() {
        long from = 0;
        for (int bit = 5; bit <= 9; bit++) {
            for (int sign : new int[] {1, -1}) {
                double wrong = sign * (1 << bit) * 0.1;
                long at = from + 300;
                qualities.clear();
                play("gas-mq2-board", "temp", from, from + 600, 6, second -> second == at ? 26 + wrong : 26);
                // What a fire can do in 6 s is taken for true; no alarm comes from that little.
                assertThat(qualities.get(50))
                        .as("%s K", wrong)
                        .isEqualTo(wrong > 0 && wrong < 12 ? Quality.GOOD : Quality.SPIKE);
                from += 600;
            }
        }

        assertThat(raised()).isEmpty();
    }

    @Test
    void one_wrong_sample_of_a_heat_detector_is_no_fire() {
        play("heat-en54-a1r", "temperature", 0, HOUR, 1, second -> second % 600 == 300 ? 400 : 26);

        assertThat(raised()).isEmpty();
    }

    @Test
    void a_wrong_bit_of_a_room_sensor_is_no_fire_and_a_fire_is_one() {
        play("senml-room", "temperature", 0, HOUR, 10, second -> second == 1_800 ? 26 + 51.2 : 26);
        assertThat(raised()).isEmpty();

        play(
                "senml-room",
                "temperature",
                HOUR,
                HOUR + 300,
                10,
                second -> 26 + Math.pow((double) (second - HOUR), 2) / 100);
        assertThat(raised()).containsExactlyInAnyOrder("heat-rise", "heat");
        assertThat(raisedAtSecond("heat") - HOUR).isBetween(50L, 80L);
    }

    @Test
    void a_hot_afternoon_below_a_roof_is_no_fire() {
        LongToDoubleFunction roof = second -> 30 + 18 * Math.sin(2 * Math.PI * second / DAY);
        play(
                "heat-en54-a1r",
                "temperature",
                0,
                2 * DAY,
                10,
                second -> Math.round(10 * roof.applyAsDouble(second)) / 10.0);

        assertThat(raised()).isEmpty();
    }

    @Test
    void who_moves_in_an_office_by_day_works_there_and_by_night_does_not() {
        long noon = shanghai(LocalDateTime.of(2026, 11, 27, 12, 0));
        play("senml-intrusion", "motion", noon, noon + 6 * HOUR, 60, second -> second % 300 == 0 ? 1 : 0);
        assertThat(findings).isEmpty();

        long night = shanghai(LocalDateTime.of(2026, 11, 28, 2, 0));
        play("senml-intrusion", "motion", night, night + 600, 60, second -> second == night + 120 ? 1 : 0);
        assertThat(raised()).containsExactly("motion");
        assertThat(findings.get(0).kind()).isEqualTo(AlertKind.SECURITY);
        assertThat(findings).extracting(Finding::raised).containsExactly(true, false);
    }

    @Test
    void a_window_that_was_left_open_is_told_by_the_first_report_after_arming() {
        long evening = shanghai(LocalDateTime.of(2026, 11, 27, 19, 30));
        play("senml-intrusion", "open", evening, evening + HOUR, 60, second -> 1);

        assertThat(raised()).containsExactly("open");
        assertThat(raisedAtSecond("open")).isEqualTo(evening + HOUR / 2);
    }

    @Test
    void glass_breaks_at_any_time() {
        play("senml-intrusion", "glass", FAR, FAR + 300, 60, second -> second == FAR ? 1 : 0);

        assertThat(raised()).containsExactly("glass");
    }

    private static long shanghai(LocalDateTime time) {
        return time.atZone(ZoneId.of("Asia/Shanghai")).toEpochSecond();
    }
}
