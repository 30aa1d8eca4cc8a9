package dev.tocsin.stream.life;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Correlation;
import dev.tocsin.profiles.alert.Evidence;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.correlate.CorrelationRules.Chattering;
import dev.tocsin.profiles.profile.LocalText;
import dev.tocsin.stream.ingest.GatewayPlaces;
import dev.tocsin.stream.life.Claim.Holder;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MatterTest {
    private static final Place HALL = new Place(new String[] {"district", "grid-7"}, "Hall", null, null);
    private static final long NOW_MS = 1_800_000_000_000L;

    private static final Chattering CHATTERING = new Chattering(3, 60_000, 60_000, 900_000);

    private final Matter matter = new Matter();

    private @Nullable Alert on(Claim claim, long nowMs) {
        return matter.on(claim, CHATTERING, nowMs);
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
    void three_raises_in_a_minute_are_chatter_and_no_further_one_pages() {
        for (int i = 0; i < 3; i++) {
            Alert raised = flap(i);
            assertThat(raised).isNotNull();
            assertThat(raised.id()).isEqualTo("f" + i);
            assertThat(raised.said().chatter() != null).isEqualTo(i == 2);
        }

        assertThat(matter.open()).as("over, and still open").isTrue();
        assertThat(flap(3)).as("no alert of its own, and no word").isNull();
        assertThat(flap(4)).isNull();
        Alert doubled = flap(5);
        assertThat(doubled).isNotNull();
        assertThat(doubled.id()).isEqualTo("f2");
        assertThat(doubled.said().chatter()).isEqualTo(new Correlation.Chatter(6, Instant.ofEpochMilli(flapMs(0))));
        assertThat(doubled.said().urgentSince()).as("calls nobody").isZero();
    }

    @Test
    void chatter_that_is_quiet_is_over_when_it_was_last_and_with_its_full_count() {
        for (int i = 0; i < 5; i++) {
            flap(i);
        }

        assertThat(matter.settle(flapMs(4) + 5_000 + 59_999)).isNull();
        Alert over = matter.settle(flapMs(4) + 5_000 + 60_000);

        assertThat(over).isNotNull();
        assertThat(over.id()).isEqualTo("f2");
        assertThat(over.state()).isEqualTo(AlertState.CLEARED);
        assertThat(over.cleared()).isEqualTo(Instant.ofEpochMilli(flapMs(4) + 5_000));
        assertThat(over.said().chatter().raises()).isEqualTo(5);
        assertThat(matter.open()).isFalse();
        assertThat(matter.settleAtMs()).isEqualTo(Long.MAX_VALUE);
        Alert next = on(raise(Holder.LIVE, "later", flapMs(30)), flapMs(30));
        assertThat(next).isNotNull();
        assertThat(next.correlation()).as("an alert of its own, which pages").isNull();
    }

    @Test
    void what_stays_raised_when_the_chatter_is_over_calls_somebody_again() {
        for (int i = 0; i < 3; i++) {
            flap(i);
        }
        on(raise(Holder.LIVE, "meant", flapMs(3)), flapMs(3));

        Alert meant = matter.settle(flapMs(3) + 60_000);

        assertThat(meant).isNotNull();
        assertThat(meant.id()).isEqualTo("f2");
        assertThat(meant.state()).isEqualTo(AlertState.ACTIVE);
        assertThat(meant.said().chatter()).isNull();
        assertThat(meant.said().urgentSince()).isEqualTo(meant.revision());
        assertThat(on(clear(Holder.LIVE, "meant", flapMs(3), flapMs(20)), flapMs(20)))
                .isNotNull()
                .extracting(Alert::state)
                .isEqualTo(AlertState.CLEARED);
    }

    @Test
    void an_alarm_that_chatters_on_calls_somebody_again_after_a_while() {
        Alert reminded = null;
        int flaps = 3;
        flap(0);
        flap(1);
        flap(2);
        while (reminded == null || reminded.said().urgentSince() == 0) {
            reminded = flap(flaps++);
        }

        assertThat(flapMs(flaps - 1) - flapMs(2)).isEqualTo(900_000);
        assertThat(reminded.said().urgentSince()).isEqualTo(reminded.revision());
        for (int i = 0; i < 5; i++) {
            Alert next = flap(flaps++);
            assertThat(next == null || next.said().urgentSince() == reminded.revision())
                    .isTrue();
        }
    }

    @Test
    void raises_that_agent_and_cloud_claim_both_count_once() {
        for (int i = 0; i < 2; i++) {
            for (Holder holder : List.of(Holder.EDGE, Holder.LIVE)) {
                on(raise(holder, "f" + i, flapMs(i)), flapMs(i));
                on(clear(holder, "f" + i, flapMs(i), flapMs(i) + 5_000), flapMs(i));
            }
        }

        assertThat(matter.open()).isFalse();
        Alert third = on(raise(Holder.EDGE, "f2", flapMs(2)), flapMs(2));
        assertThat(third).isNotNull();
        assertThat(third.said().chatter().raises()).isEqualTo(3);
    }

    @Test
    void flaps_of_a_drill_make_no_real_alarm_chatter() {
        for (int i = 0; i < 3; i++) {
            on(claim(Holder.LIVE, "d" + i, AlertState.ACTIVE, flapMs(i), null, true, HALL), flapMs(i));
            on(claim(Holder.LIVE, "d" + i, AlertState.CLEARED, flapMs(i), flapMs(i) + 5_000, true, HALL), flapMs(i));
        }
        Alert real = on(raise(Holder.LIVE, "real", flapMs(3)), flapMs(3));

        assertThat(real).isNotNull();
        assertThat(real.drill()).isFalse();
        assertThat(real.correlation()).isNull();
        assertThat(on(clear(Holder.LIVE, "real", flapMs(3), flapMs(4)), flapMs(4)))
                .isNotNull()
                .extracting(Alert::state)
                .isEqualTo(AlertState.CLEARED);
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

    /** Raises and clears 5 s later; returns what was published of the raise. */
    private @Nullable Alert flap(int i) {
        Alert raised = on(raise(Holder.LIVE, "f" + i, flapMs(i)), flapMs(i));
        on(clear(Holder.LIVE, "f" + i, flapMs(i), flapMs(i) + 5_000), flapMs(i) + 5_000);
        return raised;
    }

    private static long flapMs(int i) {
        return NOW_MS + i * 15_000L;
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
