package dev.tocsin.stream.life;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Evidence;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.stream.ingest.GatewayPlaces;
import dev.tocsin.stream.life.Claim.Holder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MatterTest {
    private static final Place HALL = new Place(new String[] {"district", "grid-7"}, "Hall", null, null);
    private static final long NOW_MS = 1_800_000_000_000L;

    private final Matter matter = new Matter();

    @Test
    void whoever_claims_first_names_the_alert_and_the_second_joins_it() {
        Alert first = matter.on(raise(Holder.EDGE, "edge-id", NOW_MS), NOW_MS);
        Alert second = matter.on(raise(Holder.LIVE, "cloud-id", NOW_MS), NOW_MS + 1);

        assertThat(first).isNotNull().extracting(Alert::id).isEqualTo("edge-id");
        assertThat(second).isNull();
    }

    @Test
    void the_alert_is_active_while_anybody_holds_it() {
        matter.on(raise(Holder.EDGE, "a", NOW_MS), NOW_MS);
        matter.on(raise(Holder.LIVE, "b", NOW_MS), NOW_MS);

        assertThat(matter.on(clear(Holder.LIVE, "b", NOW_MS, NOW_MS + 5_000), NOW_MS))
                .isNull();
        Alert cleared = matter.on(clear(Holder.EDGE, "a", NOW_MS, NOW_MS + 6_000), NOW_MS);

        assertThat(cleared).isNotNull();
        assertThat(cleared.id()).isEqualTo("a");
        assertThat(cleared.state()).isEqualTo(AlertState.CLEARED);
        assertThat(cleared.cleared()).isEqualTo(Instant.ofEpochMilli(NOW_MS + 6_000));
    }

    @Test
    void the_revision_grows_even_where_the_clock_does_not() {
        Alert raised = matter.on(raise(Holder.LIVE, "a", NOW_MS), NOW_MS);
        Alert cleared = matter.on(clear(Holder.LIVE, "a", NOW_MS, NOW_MS + 1), NOW_MS - 60_000);

        assertThat(raised).isNotNull();
        assertThat(cleared).isNotNull();
        assertThat(cleared.revision()).isGreaterThan(raised.revision());
    }

    @Test
    void a_straggler_of_the_other_detector_does_not_open_a_closed_alert_again() {
        matter.on(raise(Holder.LIVE, "a", NOW_MS), NOW_MS);
        matter.on(clear(Holder.LIVE, "a", NOW_MS, NOW_MS + 5_000), NOW_MS);

        assertThat(matter.on(raise(Holder.EDGE, "a", NOW_MS), NOW_MS)).isNull();
        assertThat(matter.on(raise(Holder.EDGE, "c", NOW_MS + 1_000), NOW_MS)).isNull();
        assertThat(matter.on(clear(Holder.EDGE, "a", NOW_MS, NOW_MS + 5_000), NOW_MS))
                .isNull();
        assertThat(matter.open()).isFalse();
    }

    @Test
    void an_older_matter_that_a_backlog_brings_is_another_alert() {
        matter.on(raise(Holder.LIVE, "a", NOW_MS), NOW_MS);
        matter.on(clear(Holder.LIVE, "a", NOW_MS, NOW_MS + 5_000), NOW_MS);

        Alert older = matter.on(raise(Holder.BACKLOG, "b", NOW_MS - 600_000), NOW_MS);

        assertThat(older).isNotNull();
        assertThat(older.id()).isEqualTo("b");
        assertThat(older.late()).isTrue();
    }

    @Test
    void a_matter_that_comes_back_is_another_alert() {
        matter.on(raise(Holder.LIVE, "a", NOW_MS), NOW_MS);
        matter.on(clear(Holder.LIVE, "a", NOW_MS, NOW_MS + 5_000), NOW_MS);

        assertThat(matter.on(raise(Holder.LIVE, "b", NOW_MS + 5_000), NOW_MS)).isNotNull();
    }

    @Test
    void a_clearance_without_its_raise_is_published_when_an_agent_sends_it_and_otherwise_not() {
        assertThat(matter.on(clear(Holder.LIVE, "a", NOW_MS, NOW_MS + 1), NOW_MS))
                .isNull();
        assertThat(matter.on(clear(Holder.EDGE, "a", NOW_MS, NOW_MS + 1), NOW_MS))
                .isNotNull();
        assertThat(matter.open()).isFalse();
    }

    @Test
    void a_real_claim_turns_a_drill_into_an_alarm_and_outlives_it() {
        Alert drill = matter.on(claim(Holder.LIVE, "a", AlertState.ACTIVE, NOW_MS, null, true, HALL), NOW_MS);
        Alert real = matter.on(raise(Holder.EDGE, "b", NOW_MS), NOW_MS);

        assertThat(drill).isNotNull().extracting(Alert::drill).isEqualTo(true);
        assertThat(real).isNotNull();
        assertThat(real.drill()).isFalse();
        assertThat(real.id()).isEqualTo("a");
        assertThat(matter.on(claim(Holder.LIVE, "a", AlertState.CLEARED, NOW_MS, NOW_MS + 1, true, HALL), NOW_MS))
                .isNull();
        assertThat(matter.open()).isTrue();
    }

    @Test
    void an_alert_without_a_place_takes_that_of_who_knows_one() {
        matter.on(claim(Holder.LIVE, "a", AlertState.ACTIVE, NOW_MS, null, false, GatewayPlaces.UNASSIGNED), NOW_MS);
        Alert placed = matter.on(raise(Holder.EDGE, "b", NOW_MS), NOW_MS);

        assertThat(placed).isNotNull();
        assertThat(placed.id()).isEqualTo("a");
        assertThat(placed.place().area()).isEqualTo("grid-7");
    }

    private static Claim raise(Holder holder, String id, long onsetMs) {
        return claim(holder, id, AlertState.ACTIVE, onsetMs, null, false, HALL);
    }

    private static Claim clear(Holder holder, String id, long onsetMs, long clearedMs) {
        return claim(holder, id, AlertState.CLEARED, onsetMs, clearedMs, false, HALL);
    }

    static Claim claim(
            Holder holder,
            String id,
            AlertState state,
            long onsetMs,
            @Nullable Long clearedMs,
            boolean drill,
            Place place) {
        Instant onset = Instant.ofEpochMilli(onsetMs);
        Instant cleared = clearedMs == null ? null : Instant.ofEpochMilli(clearedMs);
        Alert alert = new Alert(
                id,
                0,
                state,
                "p/hot",
                1,
                AlertKind.ALARM,
                Severity.CRITICAL,
                "gw-1",
                "hall-3",
                place,
                "temperature",
                58,
                "Cel",
                onset,
                cleared == null ? onset : cleared,
                cleared,
                false,
                drill,
                Evidence.NONE);
        return new Claim(holder, alert, NOW_MS + 100);
    }
}
