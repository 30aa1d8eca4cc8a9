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
import java.util.List;
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
        assertThat(matter.on(raise(Holder.LIVE, "c", NOW_MS + 1_000), NOW_MS)).isNull();
        assertThat(matter.on(clear(Holder.EDGE, "a", NOW_MS, NOW_MS + 5_000), NOW_MS))
                .isNull();
        assertThat(matter.open()).isFalse();
    }

    @Test
    void an_older_matter_that_a_backlog_brings_is_listed_as_over_beside_the_open_one() {
        matter.on(raise(Holder.LIVE, "a", NOW_MS), NOW_MS);

        Alert older = matter.on(clear(Holder.BACKLOG, "b", NOW_MS - 600_000, NOW_MS - 500_000), NOW_MS);

        assertThat(older).isNotNull();
        assertThat(older.id()).isEqualTo("b");
        assertThat(older.state()).isEqualTo(AlertState.CLEARED);
        assertThat(older.late()).isTrue();
        assertThat(matter.on(clear(Holder.BACKLOG, "b", NOW_MS - 600_000, NOW_MS - 500_000), NOW_MS))
                .isNull();
        Alert cleared = matter.on(clear(Holder.LIVE, "a", NOW_MS, NOW_MS + 5_000), NOW_MS);
        assertThat(cleared).isNotNull().extracting(Alert::id).isEqualTo("a");
    }

    @Test
    void what_a_backlog_brings_of_the_open_matter_itself_is_no_other_alert() {
        matter.on(raise(Holder.EDGE, "a", NOW_MS), NOW_MS);

        assertThat(matter.on(clear(Holder.BACKLOG, "b", NOW_MS + 1_000, NOW_MS + 60_000), NOW_MS))
                .isNull();
        assertThat(matter.open()).isTrue();
    }

    @Test
    void claims_that_come_again_neither_close_the_present_alert_nor_swallow_it() {
        Claim raiseA = raise(Holder.EDGE, "a", NOW_MS);
        Claim clearA = clear(Holder.EDGE, "a", NOW_MS, NOW_MS + 1_000);
        Claim raiseB = raise(Holder.EDGE, "b", NOW_MS + 2_000);
        for (Claim claim : List.of(raiseA, clearA, raiseB)) {
            assertThat(matter.on(claim, NOW_MS)).isNotNull();
        }
        for (Claim again : List.of(raiseA, clearA, raiseB)) {
            assertThat(matter.on(again, NOW_MS)).isNull();
        }

        assertThat(matter.open()).isTrue();
        assertThat(matter.published).isNotNull().extracting(Alert::id).isEqualTo("b");
    }

    @Test
    void a_raise_whose_clearance_was_lost_is_not_ended_by_it_later() {
        matter.on(raise(Holder.EDGE, "a", NOW_MS), NOW_MS);
        matter.on(raise(Holder.EDGE, "b", NOW_MS + 2_000), NOW_MS);

        assertThat(matter.on(clear(Holder.EDGE, "a", NOW_MS, NOW_MS + 1_000), NOW_MS))
                .isNull();
        assertThat(matter.open()).isTrue();
        assertThat(matter.on(clear(Holder.EDGE, "b", NOW_MS + 2_000, NOW_MS + 3_000), NOW_MS))
                .isNotNull();
    }

    @Test
    void an_agent_that_raises_within_what_was_closed_is_believed() {
        matter.on(raise(Holder.EDGE, "a", NOW_MS), NOW_MS);
        matter.on(clear(Holder.EDGE, "a", NOW_MS, NOW_MS + 5_000), NOW_MS);

        assertThat(matter.on(raise(Holder.EDGE, "b", NOW_MS + 4_999), NOW_MS)).isNotNull();
    }

    @Test
    void a_real_reading_ends_what_a_drill_began() {
        matter.on(claim(Holder.LIVE, "a", AlertState.ACTIVE, NOW_MS, null, true, HALL), NOW_MS);

        assertThat(matter.on(clear(Holder.LIVE, "a", NOW_MS, NOW_MS + 1), NOW_MS))
                .isNotNull();
        assertThat(matter.open()).isFalse();
    }

    @Test
    void what_only_the_topic_remembers_is_joined_by_who_claims_it_and_keeps_its_id() {
        assertThat(matter.on(heard("lost", NOW_MS + 7), NOW_MS)).isNull();
        assertThat(matter.on(raise(Holder.LIVE, "other", NOW_MS), NOW_MS)).isNull();
        assertThat(matter.settle(NOW_MS + Matter.SETTLE_MS)).isNull();

        Alert cleared = matter.on(clear(Holder.LIVE, "other", NOW_MS, NOW_MS + 1), NOW_MS);
        assertThat(cleared).isNotNull();
        assertThat(cleared.id()).isEqualTo("lost");
        assertThat(cleared.revision()).isGreaterThan(NOW_MS + 7);
    }

    @Test
    void what_only_the_topic_remembers_and_nobody_claims_is_let_go() {
        matter.on(heard("lost", NOW_MS), NOW_MS);
        assertThat(matter.settle(NOW_MS + Matter.SETTLE_MS - 1)).isNull();

        Alert over = matter.settle(NOW_MS + Matter.SETTLE_MS);

        assertThat(over).isNotNull();
        assertThat(over.id()).isEqualTo("lost");
        assertThat(over.state()).isEqualTo(AlertState.CLEARED);
        assertThat(matter.open()).isFalse();
    }

    @Test
    void a_second_open_alert_on_the_topic_is_cleared_at_once() {
        matter.on(raise(Holder.LIVE, "known", NOW_MS), NOW_MS + 10);

        Alert over = matter.on(heard("lost", NOW_MS), NOW_MS + 20);

        assertThat(over).isNotNull();
        assertThat(over.id()).isEqualTo("lost");
        assertThat(over.state()).isEqualTo(AlertState.CLEARED);
        assertThat(matter.open()).isTrue();
    }

    @Test
    void what_comes_back_of_ones_own_publications_changes_nothing() {
        Alert raised = matter.on(raise(Holder.LIVE, "a", NOW_MS), NOW_MS);
        assertThat(raised).isNotNull();
        assertThat(matter.on(new Claim(Holder.TOPIC, raised, NOW_MS), NOW_MS)).isNull();
        Alert cleared = matter.on(clear(Holder.LIVE, "a", NOW_MS, NOW_MS + 1), NOW_MS);
        assertThat(cleared).isNotNull();
        assertThat(matter.on(new Claim(Holder.TOPIC, raised, NOW_MS), NOW_MS)).isNull();
        assertThat(matter.on(new Claim(Holder.TOPIC, cleared, NOW_MS), NOW_MS)).isNull();

        assertThat(matter.open()).isFalse();
    }

    @Test
    void a_new_spool_lets_go_of_what_the_agent_claimed_before_and_of_nothing_else() {
        matter.on(raise(Holder.EDGE, "a", NOW_MS), NOW_MS);
        assertThat(matter.isOpenAt("gw-2")).isFalse();
        assertThat(matter.isOpenAt("gw-1")).isTrue();
        assertThat(matter.agentForgot(NOW_MS, NOW_MS)).as("claimed afterwards").isNull();

        Alert over = matter.agentForgot(NOW_MS + 10_000, NOW_MS + 10_000);

        assertThat(over).isNotNull().extracting(Alert::state).isEqualTo(AlertState.CLEARED);
        assertThat(matter.open()).isFalse();
    }

    private static Claim heard(String id, long revision) {
        Alert alert = raise(Holder.TOPIC, id, NOW_MS).alert();
        return new Claim(Holder.TOPIC, alert.published(revision, false), NOW_MS);
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
