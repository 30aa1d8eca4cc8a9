package dev.tocsin.profiles.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.profile.LocalText;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;

class UnusualTest {
    private static final long MINUTE_MS = 60_000;
    private static final int DAY = 1_440;
    private static final Condition.Unusual CONDITION = new Condition.Unusual(0.7);

    private final Random random = new Random(4);
    private final RuleState state = new RuleState();
    private final RuleStates states = RuleStates.in(new HashMap<>());
    private final List<Finding> findings = new ArrayList<>();

    @Test
    void what_is_as_ever_does_not_hold() {
        assertThat(feed(0, 3 * DAY, 20)).isZero();
    }

    @Test
    void what_it_never_saw_holds_until_it_is_learned() {
        feed(0, 3 * DAY, 20);

        assertThat(feed(3 * DAY, 3 * DAY + 20, 26)).isPositive();
        feed(3 * DAY + 20, 4 * DAY, 26);
        assertThat(feed(4 * DAY, 5 * DAY, 26)).isZero();
    }

    @Test
    void a_first_reading_that_is_only_remarkable_does_not_hide_the_event() {
        int remarkable = 0;
        for (int seed = 0; seed < 20; seed++) {
            Random noise = new Random(seed);
            AdaptiveBaseline baseline = new AdaptiveBaseline();
            List<Double> scores = new ArrayList<>();
            for (int minute = 0; minute < 3 * DAY + 30; minute++) {
                double value = (minute < 3 * DAY ? 20 : 23) + noise.nextGaussian();
                double score = baseline.score(minute * MINUTE_MS, value, 0.7);
                if (minute >= 3 * DAY && score >= AdaptiveBaseline.ALARM) {
                    scores.add(score);
                }
            }
            if (scores.get(0) < 0.7) {
                remarkable++;
                assertThat(scores).anyMatch(score -> score >= 0.7);
            }
        }
        assertThat(remarkable).isPositive();
    }

    @Test
    void once_it_holds_it_holds_until_the_score_is_below_half_of_the_limit() {
        feed(0, 3 * DAY, 20);
        int minute = 3 * DAY;
        while (!CONDITION.holds(state, 26, minute * MINUTE_MS)) {
            minute++;
        }
        state.phase = RuleState.RAISED;

        assertThat(CONDITION.holds(state, 26, (minute + 1) * MINUTE_MS)).isTrue();
        for (int later = minute + 2; later < minute + 200; later++) {
            CONDITION.holds(state, 26 + random.nextGaussian(), later * MINUTE_MS);
        }
        assertThat(CONDITION.holds(state, 26, (minute + 200) * MINUTE_MS)).isFalse();
    }

    @Test
    void a_limit_below_that_of_the_detector_or_never_reached_is_refused() {
        assertThatThrownBy(() -> new Condition.Unusual(0.49)).hasMessageContaining("from 0.5 to under 1, is 0.49");
        assertThatThrownBy(() -> new Condition.Unusual(1)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new Condition.Unusual(Double.NaN)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void nobody_is_alarmed_by_what_is_only_unusual() {
        assertThatThrownBy(() -> rule(AlertKind.ALARM, Severity.MINOR)).hasMessageContaining("only unusual");
        assertThatThrownBy(() -> rule(AlertKind.SUPERVISORY, Severity.CRITICAL)).hasMessageContaining("only unusual");
        assertThat(rule(AlertKind.PRE_ALARM, Severity.MAJOR).condition()).isEqualTo(CONDITION);
    }

    /** A main at 0.40 MPa that is drawn from each morning, and more so one night. */
    @Test
    void the_profile_of_a_main_tells_the_duty_officer_of_an_odd_night_once() {
        int night = 8 * DAY + 120;
        pressure(0, night, 0);
        assertThat(raised())
                .as("the first morning is new, and no other")
                .allMatch(finding -> finding.onsetMs() < DAY * MINUTE_MS)
                .hasSizeLessThanOrEqualTo(1);
        findings.clear();

        pressure(night, night + 90, 90_000);
        pressure(night + 90, night + 400, 0);

        assertThat(raised()).hasSize(1);
        assertThat((raised().get(0).onsetMs() - night * MINUTE_MS) / MINUTE_MS).isBetween(0L, 20L);
        assertThat(raised().get(0).evidence().limit())
                .as("a score is no threshold of a pressure")
                .isNull();
        assertThat(findings).filteredOn(finding -> !finding.raised()).hasSize(1);
    }

    private List<Finding> raised() {
        return findings.stream().filter(Finding::raised).toList();
    }

    private void pressure(int fromMinute, int toMinute, double drawn) {
        Profile profile = Objects.requireNonNull(ProfileCatalog.builtIn().find("water-pressure"));
        List<Reading> readings = new ArrayList<>();
        for (int minute = fromMinute; minute < toMinute; minute++) {
            boolean morning = minute % DAY >= 400 && minute % DAY < 480;
            double pascal = 400_000 - drawn - (morning ? 60_000 : 0) + 3_000 * random.nextGaussian();
            long atMs = minute * MINUTE_MS;
            readings.add(new Reading("m", "pressure", pascal, atMs, atMs, Quality.GOOD));
        }
        Judge.onReadings(profile, DeviceReadings.of("m", profile.id(), false, 1, readings), states, finding -> {
            if (finding.rule().equals("water-pressure/unusual")) {
                findings.add(finding);
            }
        });
    }

    /** One reading a minute around a level; how many hold. */
    private int feed(int fromMinute, int toMinute, double level) {
        int holding = 0;
        for (int minute = fromMinute; minute < toMinute; minute++) {
            boolean holds = CONDITION.holds(state, level + random.nextGaussian(), minute * MINUTE_MS);
            state.phase = holds ? RuleState.RAISED : RuleState.CLEAR;
            holding += holds ? 1 : 0;
        }
        return holding;
    }

    private static Rule rule(AlertKind kind, Severity severity) {
        return new Rule("p/unusual", 1, "t", CONDITION, 0, 0, kind, severity, LocalText.of("odd"));
    }
}
