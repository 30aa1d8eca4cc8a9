package dev.tocsin.stream.life;

import static dev.tocsin.stream.life.Claims.HALL;
import static dev.tocsin.stream.life.Claims.NOW_MS;
import static dev.tocsin.stream.life.Claims.claim;
import static dev.tocsin.stream.life.Claims.clear;
import static dev.tocsin.stream.life.Claims.raise;
import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Correlation;
import dev.tocsin.profiles.profile.LocalText;
import dev.tocsin.stream.ingest.GatewayPlaces;
import dev.tocsin.stream.life.Claim.Holder;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MatterTest {
    private final Matter matter = new Matter();

    private @Nullable Alert on(Claim claim, long nowMs) {
        return matter.on(claim, Claims.CHATTERING, nowMs);
    }

    @Test
    void whoever_claims_first_names_the_alert_and_the_second_joins_it() {
        Alert first = on(raise(Holder.EDGE, "edge-id", NOW_MS), NOW_MS);
        Alert second = on(raise(Holder.LIVE, "cloud-id", NOW_MS), NOW_MS + 1);

        assertThat(first).isNotNull().extracting(Alert::id).isEqualTo("edge-id");
        assertThat(second).isNull();
    }

    @Test
    void the_alert_is_active_while_anybody_holds_it() {
        on(raise(Holder.EDGE, "a", NOW_MS), NOW_MS);
        on(raise(Holder.LIVE, "b", NOW_MS), NOW_MS);

        assertThat(on(clear(Holder.LIVE, "b", NOW_MS, NOW_MS + 5_000), NOW_MS)).isNull();
        Alert cleared = on(clear(Holder.EDGE, "a", NOW_MS, NOW_MS + 6_000), NOW_MS);

        assertThat(cleared).isNotNull();
        assertThat(cleared.id()).isEqualTo("a");
        assertThat(cleared.state()).isEqualTo(AlertState.CLEARED);
        assertThat(cleared.cleared()).isEqualTo(Instant.ofEpochMilli(NOW_MS + 6_000));
    }

    @Test
    void the_revision_grows_even_where_the_clock_does_not() {
        Alert raised = on(raise(Holder.LIVE, "a", NOW_MS), NOW_MS);
        Alert cleared = on(clear(Holder.LIVE, "a", NOW_MS, NOW_MS + 1), NOW_MS - 60_000);

        assertThat(raised).isNotNull();
        assertThat(cleared).isNotNull();
        assertThat(cleared.revision()).isGreaterThan(raised.revision());
    }

    @Test
    void a_straggler_of_the_other_detector_does_not_open_a_closed_alert_again() {
        on(raise(Holder.LIVE, "a", NOW_MS), NOW_MS);
        on(clear(Holder.LIVE, "a", NOW_MS, NOW_MS + 5_000), NOW_MS);

        assertThat(on(raise(Holder.EDGE, "a", NOW_MS), NOW_MS)).isNull();
        assertThat(on(raise(Holder.LIVE, "c", NOW_MS + 1_000), NOW_MS)).isNull();
        assertThat(on(clear(Holder.EDGE, "a", NOW_MS, NOW_MS + 5_000), NOW_MS)).isNull();
        assertThat(matter.open()).isFalse();
    }

    @Test
    void an_older_matter_that_a_backlog_brings_is_listed_as_over_beside_the_open_one() {
        on(raise(Holder.LIVE, "a", NOW_MS), NOW_MS);

        Alert older = on(clear(Holder.BACKLOG, "b", NOW_MS - 600_000, NOW_MS - 500_000), NOW_MS);

        assertThat(older).isNotNull();
        assertThat(older.id()).isEqualTo("b");
        assertThat(older.state()).isEqualTo(AlertState.CLEARED);
        assertThat(older.late()).isTrue();
        assertThat(on(clear(Holder.BACKLOG, "b", NOW_MS - 600_000, NOW_MS - 500_000), NOW_MS))
                .isNull();
        Alert cleared = on(clear(Holder.LIVE, "a", NOW_MS, NOW_MS + 5_000), NOW_MS);
        assertThat(cleared).isNotNull().extracting(Alert::id).isEqualTo("a");
    }

    @Test
    void what_a_backlog_brings_of_the_open_matter_itself_is_no_other_alert() {
        on(raise(Holder.EDGE, "a", NOW_MS), NOW_MS);

        assertThat(on(clear(Holder.BACKLOG, "b", NOW_MS + 1_000, NOW_MS + 60_000), NOW_MS))
                .isNull();
        assertThat(matter.open()).isTrue();
    }

    @Test
    void claims_that_come_again_neither_close_the_present_alert_nor_swallow_it() {
        Claim raiseA = raise(Holder.EDGE, "a", NOW_MS);
        Claim clearA = clear(Holder.EDGE, "a", NOW_MS, NOW_MS + 1_000);
        Claim raiseB = raise(Holder.EDGE, "b", NOW_MS + 2_000);
        for (Claim claim : List.of(raiseA, clearA, raiseB)) {
            assertThat(on(claim, NOW_MS)).isNotNull();
        }
        for (Claim again : List.of(raiseA, clearA, raiseB)) {
            assertThat(on(again, NOW_MS)).isNull();
        }

        assertThat(matter.open()).isTrue();
        assertThat(matter.published).isNotNull().extracting(Alert::id).isEqualTo("b");
    }

    @Test
    void a_raise_whose_clearance_was_lost_is_not_ended_by_it_later() {
        on(raise(Holder.EDGE, "a", NOW_MS), NOW_MS);
        on(raise(Holder.EDGE, "b", NOW_MS + 2_000), NOW_MS);

        assertThat(on(clear(Holder.EDGE, "a", NOW_MS, NOW_MS + 1_000), NOW_MS)).isNull();
        assertThat(matter.open()).isTrue();
        assertThat(on(clear(Holder.EDGE, "b", NOW_MS + 2_000, NOW_MS + 3_000), NOW_MS))
                .isNotNull();
    }

    @Test
    void an_agent_that_raises_within_what_was_closed_is_believed() {
        on(raise(Holder.EDGE, "a", NOW_MS), NOW_MS);
        on(clear(Holder.EDGE, "a", NOW_MS, NOW_MS + 5_000), NOW_MS);

        assertThat(on(raise(Holder.EDGE, "b", NOW_MS + 4_999), NOW_MS)).isNotNull();
    }

    @Test
    void a_real_reading_ends_what_a_drill_began() {
        on(claim(Holder.LIVE, "a", AlertState.ACTIVE, NOW_MS, null, true, HALL), NOW_MS);

        assertThat(on(clear(Holder.LIVE, "a", NOW_MS, NOW_MS + 1), NOW_MS)).isNotNull();
        assertThat(matter.open()).isFalse();
    }

    @Test
    void what_only_the_topic_remembers_is_joined_by_who_claims_it_and_keeps_its_id() {
        assertThat(on(heard("lost", NOW_MS + 7), NOW_MS)).isNull();
        assertThat(on(raise(Holder.LIVE, "other", NOW_MS), NOW_MS)).isNull();
        assertThat(matter.settle(NOW_MS + Matter.SETTLE_MS)).isNull();

        Alert cleared = on(clear(Holder.LIVE, "other", NOW_MS, NOW_MS + 1), NOW_MS);
        assertThat(cleared).isNotNull();
        assertThat(cleared.id()).isEqualTo("lost");
        assertThat(cleared.revision()).isGreaterThan(NOW_MS + 7);
    }

    @Test
    void what_only_the_topic_remembers_and_nobody_claims_is_let_go() {
        on(heard("lost", NOW_MS), NOW_MS);
        assertThat(matter.settle(NOW_MS + Matter.SETTLE_MS - 1)).isNull();

        Alert over = matter.settle(NOW_MS + Matter.SETTLE_MS);

        assertThat(over).isNotNull();
        assertThat(over.id()).isEqualTo("lost");
        assertThat(over.state()).isEqualTo(AlertState.CLEARED);
        assertThat(matter.open()).isFalse();
    }

    @Test
    void a_second_open_alert_on_the_topic_is_cleared_at_once() {
        on(raise(Holder.LIVE, "known", NOW_MS), NOW_MS + 10);

        Alert over = on(heard("lost", NOW_MS), NOW_MS + 20);

        assertThat(over).isNotNull();
        assertThat(over.id()).isEqualTo("lost");
        assertThat(over.state()).isEqualTo(AlertState.CLEARED);
        assertThat(matter.open()).isTrue();
    }

    @Test
    void what_comes_back_of_ones_own_publications_changes_nothing() {
        Alert raised = on(raise(Holder.LIVE, "a", NOW_MS), NOW_MS);
        assertThat(raised).isNotNull();
        assertThat(on(new Claim(Holder.TOPIC, raised, NOW_MS), NOW_MS)).isNull();
        Alert cleared = on(clear(Holder.LIVE, "a", NOW_MS, NOW_MS + 1), NOW_MS);
        assertThat(cleared).isNotNull();
        assertThat(on(new Claim(Holder.TOPIC, raised, NOW_MS), NOW_MS)).isNull();
        assertThat(on(new Claim(Holder.TOPIC, cleared, NOW_MS), NOW_MS)).isNull();

        assertThat(matter.open()).isFalse();
    }

    @Test
    void a_new_spool_lets_go_of_what_the_agent_claimed_before_and_of_nothing_else() {
        on(raise(Holder.EDGE, "a", NOW_MS), NOW_MS);
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
        on(raise(Holder.LIVE, "a", NOW_MS), NOW_MS);
        on(clear(Holder.LIVE, "a", NOW_MS, NOW_MS + 5_000), NOW_MS);

        assertThat(on(raise(Holder.LIVE, "b", NOW_MS + 5_000), NOW_MS)).isNotNull();
    }

    @Test
    void a_clearance_without_its_raise_is_published_when_an_agent_sends_it_and_otherwise_not() {
        assertThat(on(clear(Holder.LIVE, "a", NOW_MS, NOW_MS + 1), NOW_MS)).isNull();
        assertThat(on(clear(Holder.EDGE, "a", NOW_MS, NOW_MS + 1), NOW_MS)).isNotNull();
        assertThat(matter.open()).isFalse();
    }

    @Test
    void a_real_claim_turns_a_drill_into_an_alarm_and_outlives_it() {
        Alert drill = on(claim(Holder.LIVE, "a", AlertState.ACTIVE, NOW_MS, null, true, HALL), NOW_MS);
        Alert real = on(raise(Holder.EDGE, "b", NOW_MS), NOW_MS);

        assertThat(drill).isNotNull().extracting(Alert::drill).isEqualTo(true);
        assertThat(real).isNotNull();
        assertThat(real.drill()).isFalse();
        assertThat(real.id()).isEqualTo("a");
        assertThat(on(claim(Holder.LIVE, "a", AlertState.CLEARED, NOW_MS, NOW_MS + 1, true, HALL), NOW_MS))
                .isNull();
        assertThat(matter.open()).isTrue();
    }

    @Test
    void an_alert_without_a_place_takes_that_of_who_knows_one() {
        on(claim(Holder.LIVE, "a", AlertState.ACTIVE, NOW_MS, null, false, GatewayPlaces.UNASSIGNED), NOW_MS);
        Alert placed = on(raise(Holder.EDGE, "b", NOW_MS), NOW_MS);

        assertThat(placed).isNotNull();
        assertThat(placed.id()).isEqualTo("a");
        assertThat(placed.place().area()).isEqualTo("grid-7");
    }

    @Test
    void what_the_neighbourhood_says_makes_the_open_alert_graver_and_stays_when_it_is_over() {
        Alert raised = on(raise(Holder.LIVE, "a", NOW_MS), NOW_MS);
        Claim told = told(raised, 77);

        Alert confirmed = on(told, NOW_MS + 50);

        assertThat(confirmed).isNotNull();
        assertThat(confirmed.id()).isEqualTo("a");
        assertThat(confirmed.revision()).isGreaterThan(raised.revision());
        assertThat(confirmed.kind()).isEqualTo(AlertKind.SECURITY);
        assertThat(confirmed.said()).isEqualTo(told.alert().said());
        assertThat(on(told, NOW_MS + 60)).as("said again").isNull();
        Alert over = on(clear(Holder.LIVE, "a", NOW_MS, NOW_MS + 9_000), NOW_MS + 9_000);
        assertThat(over).isNotNull();
        assertThat(over.said()).isEqualTo(told.alert().said());
        assertThat(on(told, NOW_MS + 9_100)).isNull();
        Alert next = on(raise(Holder.LIVE, "b", NOW_MS + 20_000), NOW_MS + 20_000);
        assertThat(next).isNotNull();
        assertThat(next.correlation()).isNull();
        assertThat(on(told, NOW_MS + 20_100)).as("of another alert").isNull();
    }

    @Test
    void what_drills_said_of_an_alert_does_not_outlive_the_drill_nor_reach_the_real_one() {
        Alert drill = on(claim(Holder.LIVE, "a", AlertState.ACTIVE, NOW_MS, null, true, HALL), NOW_MS);
        Claim told = told(drill, 77);
        on(told, NOW_MS + 50);

        Alert real = on(raise(Holder.EDGE, "b", NOW_MS), NOW_MS + 100);

        assertThat(real).isNotNull();
        assertThat(real.drill()).isFalse();
        assertThat(real.correlation()).isNull();
        assertThat(real.kind()).isEqualTo(AlertKind.ALARM);
        assertThat(on(told, NOW_MS + 150)).isNull();
    }

    @Test
    void what_is_said_of_history_is_told_beside_what_is_open_now() {
        on(raise(Holder.LIVE, "a", NOW_MS), NOW_MS);
        Alert past = on(clear(Holder.BACKLOG, "b", NOW_MS - 600_000, NOW_MS - 500_000), NOW_MS);

        Alert told = on(told(past, 77), NOW_MS + 50);

        assertThat(told).isNotNull();
        assertThat(told.id()).isEqualTo("b");
        assertThat(told.state()).isEqualTo(AlertState.CLEARED);
        assertThat(told.revision()).isGreaterThan(past.revision());
        assertThat(on(clear(Holder.LIVE, "a", NOW_MS, NOW_MS + 1), NOW_MS))
                .isNotNull()
                .extracting(Alert::id)
                .isEqualTo("a");
    }

    private static Claim told(Alert of, long urgentSince) {
        Correlation.Witness witness =
                new Correlation.Witness("w", "p/smoke", "hall-4", "Hall", Instant.ofEpochMilli(NOW_MS));
        Correlation said = Correlation.NONE
                .confirmed(new Correlation.Confirmation(
                        "fire-confirmed", 1, LocalText.of("Fire"), Instant.ofEpochMilli(NOW_MS), List.of(witness)))
                .urgentSince(urgentSince);
        return new Claim(Holder.NEIGHBOURS, of.correlated(AlertKind.SECURITY, of.severity(), said), NOW_MS);
    }
}
