package dev.tocsin.stream.backtest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.stream.backtest.ArchivedAlerts.Did;
import dev.tocsin.stream.backtest.Comparison.What;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final Instant FROM = Instant.parse("2026-03-01T08:00:00Z");
    private static final Instant TO = FROM.plusSeconds(3_600);
    private static final Duration TOLERANCE = Duration.ofSeconds(60);
    private static final SiteState SITE = SiteState.of(Map.of());

    @Test
    void onsets_within_the_tolerance_are_one_alert_and_the_earliest_go_together() {
        Comparison comparison = compare(List.of(heat(100), heat(200), heat(1_000)), List.of(heat(60), heat(160)));

        assertThat(comparison.lines())
                .extracting(Comparison.Line::what)
                .containsExactly(What.SAME, What.SAME, What.NEW);
    }

    @Test
    void onsets_beyond_it_are_two() {
        Comparison comparison = compare(List.of(heat(100)), List.of(heat(39)));

        assertThat(comparison.lines())
                .containsExactly(new Comparison.Line(null, heat(39)), new Comparison.Line(heat(100), null));
    }

    @Test
    void another_device_is_another_alert() {
        Matched other = new Matched("senml-room/heat", "room-2", FROM.plusSeconds(5), Severity.CRITICAL, 2);

        assertThat(compare(List.of(heat(5)), List.of(other)).lines())
                .extracting(Comparison.Line::what)
                .containsExactlyInAnyOrder(What.NEW, What.GONE);
    }

    @Test
    void what_begins_outside_counts_only_as_the_other_half_of_what_begins_within() {
        Comparison comparison = compare(List.of(heat(-10), heat(3_590)), List.of(heat(20), heat(-50), heat(3_605)));

        assertThat(comparison.lines())
                .containsExactly(new Comparison.Line(null, heat(20)), new Comparison.Line(heat(3_590), heat(3_605)));
    }

    private static Comparison compare(List<Matched> would, List<Matched> did) {
        List<Did> archived = did.stream().map(alert -> new Did(alert, true)).toList();
        return Comparison.of(would, archived, SITE, FROM, TO, TOLERANCE);
    }

    private static Matched heat(int second) {
        return new Matched("senml-room/heat", "room-1", FROM.plusSeconds(second), Severity.CRITICAL, 2);
    }
}
