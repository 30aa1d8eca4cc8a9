package dev.tocsin.profiles.correlate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Correlation;
import dev.tocsin.profiles.alert.Evidence;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.alert.Severity;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CorrelatorTest {
    private static final long NOW_MS = 1_800_000_000_000L;
    private static final String KITCHEN = "Building 4, Kitchen";
    private static final String HALL = "Building 4, Hall";
    private static final String ELSEWHERE = "Building 5, Hall";

    private final Correlator correlator = new Correlator(CorrelationRules.builtIn());
    private final Neighbourhood here = new Neighbourhood();

    static Alert alert(String rule, String device, String place, int atSecond) {
        return alert(rule, device, place, atSecond, AlertKind.ALARM, Severity.CRITICAL, false);
    }

    private static Alert alert(
            String rule, String device, String place, int atSecond, AlertKind kind, Severity severity, boolean drill) {
        Instant onset = Instant.ofEpochMilli(NOW_MS + atSecond * 1_000L);
        return new Alert(
                Alert.idOf(rule, device, onset.toEpochMilli()),
                onset.toEpochMilli() + 5,
                AlertState.ACTIVE,
                rule,
                1,
                kind,
                severity,
                "gw-1",
                device,
                new Place(new String[] {"district", "grid-7"}, place, null, null),
                "smoke",
                1,
                "",
                onset,
                onset,
                null,
                false,
                drill,
                Evidence.NONE);
    }

    private static Alert preAlarm(String device, String place, int atSecond) {
        return alert("senml-room/smoke-pre", device, place, atSecond, AlertKind.PRE_ALARM, Severity.MAJOR, false);
    }

    private static Alert smoke(String device, String place, int atSecond) {
        return alert("zigbee2mqtt-smoke/smoke", device, place, atSecond);
    }

    private static Alert drill(Alert alert) {
        return alert(
                alert.rule(),
                alert.device(),
                alert.place().name(),
                (int) ((alert.onset().toEpochMilli() - NOW_MS) / 1_000),
                alert.kind(),
                alert.severity(),
                true);
    }

    private static Alert cleared(Alert alert, int atSecond) {
        return alert.over(Instant.ofEpochMilli(NOW_MS + atSecond * 1_000L))
                .published(alert.revision() + 1_000L * atSecond, false);
    }

    private List<Alert> hear(Alert alert) {
        List<Alert> said = new ArrayList<>();
        correlator.hear(here, alert, alert.revision(), said::add);
        return said;
    }

    @Test
    void a_pre_alarm_alone_stays_what_it_is() {
        assertThat(hear(preAlarm("s-1", KITCHEN, 0))).isEmpty();
    }

    @Test
    void a_second_detector_of_the_building_makes_a_pre_alarm_a_confirmed_fire_and_each_names_the_other() {
        Alert first = preAlarm("s-1", KITCHEN, 0);
        Alert second = smoke("s-2", HALL, 120);
        hear(first);

        List<Alert> said = hear(second);

        assertThat(said).extracting(Alert::id).containsExactlyInAnyOrder(first.id(), second.id());
        Alert confirmed = byDevice(said, "s-1");
        assertThat(confirmed.kind()).isEqualTo(AlertKind.ALARM);
        assertThat(confirmed.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(confirmed.said().urgentSince()).isEqualTo(second.revision());
        assertThat(confirmed.said().confirmed()).isNotNull().satisfies(how -> {
            assertThat(how.rule()).isEqualTo("fire-confirmed");
            assertThat(how.version()).isEqualTo(1);
            assertThat(how.at()).isEqualTo(second.onset());
            assertThat(how.by())
                    .containsExactly(new Correlation.Witness(
                            second.id(), "zigbee2mqtt-smoke/smoke", "s-2", HALL, second.onset()));
        });
        assertThat(byDevice(said, "s-2").said().confirmed().by())
                .extracting(Correlation.Witness::device)
                .containsExactly("s-1");
    }

    @Test
    void two_kinds_of_sign_confirm_each_other_even_of_one_device_and_one_kind_twice_does_not() {
        hear(alert("senml-room/heat", "room-1", KITCHEN, 0));
        assertThat(hear(alert("senml-room/heat-rise", "room-1", KITCHEN, 5))).isEmpty();

        assertThat(hear(alert("senml-room/smoke", "room-1", KITCHEN, 10)))
                .filteredOn(alert -> alert.said().confirmed() != null)
                .hasSize(3);
    }

    @Test
    void carbon_monoxide_confirms_smoke_and_not_itself() {
        hear(alert("co-detector/co", "co-1", KITCHEN, 0));
        assertThat(hear(alert("co-detector/co", "co-2", HALL, 1))).isEmpty();

        assertThat(byDevice(hear(preAlarm("s-1", KITCHEN, 2)), "s-1").kind()).isEqualTo(AlertKind.ALARM);
    }

    @Test
    void another_building_another_time_or_a_drill_confirms_nothing() {
        hear(preAlarm("s-1", KITCHEN, 0));

        assertThat(hear(smoke("s-2", ELSEWHERE, 10))).isEmpty();
        assertThat(hear(drill(smoke("s-3", HALL, 10)))).isEmpty();
        assertThat(hear(smoke("s-4", HALL, 601)))
                .noneMatch(alert -> alert.said().confirmed() != null);
    }

    @Test
    void drills_confirm_each_other_as_an_exercise_wants() {
        hear(drill(preAlarm("s-1", KITCHEN, 0)));

        assertThat(hear(drill(smoke("s-2", HALL, 10)))).allMatch(Alert::drill).hasSize(2);
    }

    @Test
    void a_drill_that_became_real_speaks_as_a_real_one_and_what_drills_said_of_it_is_gone() {
        Alert drill = drill(preAlarm("s-1", KITCHEN, 0));
        hear(drill);
        hear(drill(smoke("s-2", HALL, 10)));
        Alert real = preAlarm("s-1", KITCHEN, 0).published(drill.revision() + 30_000, false);

        assertThat(hear(real)).isEmpty();
        assertThat(hear(smoke("s-3", HALL, 40))).extracting(Alert::device).containsExactlyInAnyOrder("s-1", "s-3");
    }

    @Test
    void the_order_in_which_they_are_heard_does_not_matter_and_hearing_them_again_says_nothing() {
        Alert first = preAlarm("s-1", KITCHEN, 0);
        Alert second = smoke("s-2", HALL, 60);
        hear(second);

        assertThat(hear(first)).hasSize(2);
        assertThat(hear(first)).isEmpty();
        assertThat(hear(second)).isEmpty();
        assertThat(hear(second.published(second.revision() + 1, false))).isEmpty();
    }

    @Test
    void what_is_over_speaks_within_the_window_too_as_a_backlog_tells_it() {
        hear(cleared(preAlarm("s-1", KITCHEN, 0), 30));

        List<Alert> said = hear(cleared(smoke("s-2", HALL, 60), 90));

        assertThat(said).hasSize(2).allMatch(alert -> alert.state() == AlertState.CLEARED);
        assertThat(byDevice(said, "s-1").kind()).isEqualTo(AlertKind.ALARM);
    }

    @Test
    void a_door_forced_and_then_motion_is_an_intrusion_and_the_reverse_is_not() {
        Alert early = alert("m/motion", "pir-1", HALL, 0, AlertKind.SECURITY, Severity.INFO, false);
        Alert forced = alert("senml-contact/forced", "door-1", KITCHEN, 10, AlertKind.SECURITY, Severity.MAJOR, false);
        Alert late = alert("m/motion", "pir-1", HALL, 70, AlertKind.SECURITY, Severity.INFO, false);
        hear(early);
        assertThat(hear(forced)).isEmpty();

        List<Alert> said = hear(late);

        assertThat(byDevice(said, "door-1").severity()).isEqualTo(Severity.CRITICAL);
        assertThat(byDevice(said, "door-1").said().confirmed().rule()).isEqualTo("intrusion-confirmed");
        assertThat(byDevice(said, "pir-1").severity())
                .as("motion is what it was")
                .isEqualTo(Severity.INFO);
        assertThat(said).extracting(Alert::id).containsExactlyInAnyOrder(forced.id(), late.id());
    }

    @Test
    void motion_heard_before_the_door_that_was_forced_earlier_is_an_intrusion() {
        hear(alert("m/motion", "pir-1", HALL, 20, AlertKind.SECURITY, Severity.INFO, false));

        assertThat(hear(alert("senml-contact/forced", "door-1", KITCHEN, 0, AlertKind.SECURITY, Severity.MAJOR, false)))
                .hasSize(2);
    }

    @Test
    void motion_after_the_window_is_none() {
        hear(alert("senml-contact/forced", "door-1", KITCHEN, 0, AlertKind.SECURITY, Severity.MAJOR, false));

        assertThat(hear(alert("m/motion", "pir-1", HALL, 301, AlertKind.SECURITY, Severity.INFO, false)))
                .isEmpty();
    }

    @Test
    void as_a_fire_spreads_its_first_alert_tells_how_far_and_calls_again_at_each_step() {
        Alert first = preAlarm("s-1", KITCHEN, 0);
        hear(first);
        hear(smoke("s-2", KITCHEN, 60));
        Alert third = smoke("s-3", HALL, 900);

        Alert told = byDevice(hear(third), "s-1");

        assertThat(told.place().name()).isEqualTo(KITCHEN);
        assertThat(told.said().spread())
                .isEqualTo(new Correlation.Spread("fire-spreads", first.id(), KITCHEN, 3, 2, 2));
        assertThat(told.said().urgentSince()).isEqualTo(third.revision());
        assertThat(byDevice(hear(smoke("s-4", HALL, 960)), "s-1").said())
                .satisfies(said -> assertThat(said.spread().devices()).isEqualTo(4))
                .satisfies(said ->
                        assertThat(said.urgentSince()).as("no further step").isEqualTo(third.revision()));
    }

    @Test
    void severity_rises_as_a_fire_spreads() {
        Alert first = alert("site/heat", "h-1", KITCHEN, 0, AlertKind.PRE_ALARM, Severity.MINOR, false);
        hear(first);

        // Too long after the first to confirm it.
        Alert told =
                byDevice(hear(alert("site/heat", "h-2", HALL, 700, AlertKind.PRE_ALARM, Severity.MINOR, false)), "h-1");

        assertThat(told.severity()).isEqualTo(Severity.MAJOR);
        assertThat(told.kind()).isEqualTo(AlertKind.PRE_ALARM);
    }

    @Test
    void where_the_first_detector_fell_silent_the_oldest_open_alert_tells_where_it_began() {
        Alert first = smoke("s-1", KITCHEN, 0);
        hear(first);
        hear(smoke("s-2", HALL, 30));
        hear(cleared(first, 60));

        Alert told = byDevice(hear(smoke("s-3", HALL, 90)), "s-2");

        assertThat(told.said().spread())
                .isEqualTo(new Correlation.Spread("fire-spreads", first.id(), KITCHEN, 3, 2, 2));
    }

    @Test
    void what_was_said_stays_when_a_later_revision_does_not_know_of_it_yet() {
        Alert first = preAlarm("s-1", KITCHEN, 0);
        hear(first);
        hear(smoke("s-2", HALL, 10));
        hear(cleared(first, 20));

        Alert told = byDevice(hear(smoke("s-3", HALL, 30)), "s-1");

        assertThat(told.kind()).isEqualTo(AlertKind.ALARM);
        assertThat(told.state()).isEqualTo(AlertState.CLEARED);
        assertThat(told.said().confirmed().by())
                .extracting(Correlation.Witness::device)
                .containsExactly("s-2", "s-3");
    }

    @Test
    void many_alerts_of_one_kind_are_told_as_one_group_with_its_first_and_none_is_lost() {
        List<Alert> all = new ArrayList<>();
        List<Alert> said = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            Alert alert = trouble("d-" + i, i);
            all.add(alert);
            said.addAll(hear(alert));
            assertThat(said.isEmpty()).isEqualTo(i < 10);
        }

        assertThat(said)
                .extracting(Alert::id)
                .containsAll(all.stream().map(Alert::id).toList());
        assertThat(said)
                .allMatch(
                        alert -> alert.said().group().origin().equals(all.get(0).id()));
        assertThat(said)
                .filteredOn(alert -> alert.id().equals(all.get(0).id()))
                .extracting(alert -> alert.said().group().count())
                .as("the first is told anew as the flood grows, and not by every alert")
                .containsExactly(11, 14, 18, 23, 29, 37);
        List<Alert> last = new ArrayList<>();
        correlator.forget(here, NOW_MS + 3_600_000, last::add);
        assertThat(last).hasSize(1);
        assertThat(last.get(0).said().group().count()).isEqualTo(40);
    }

    @Test
    void a_flood_is_over_when_none_came_for_its_window_and_other_kinds_are_not_of_it() {
        for (int i = 0; i < 11; i++) {
            hear(trouble("d-" + i, i));
        }

        assertThat(hear(alert("x/security", "s-1", HALL, 20, AlertKind.SECURITY, Severity.MINOR, false)))
                .isEmpty();
        assertThat(hear(trouble("d-90", 611))).isEmpty();
    }

    @Test
    void an_area_keeps_so_many_alerts_and_first_forgets_what_weighs_least() {
        Alert fire = preAlarm("s-1", KITCHEN, 0);
        hear(fire);
        for (int i = 0; i < 2 * Neighbourhood.MAX_MEMBERS; i++) {
            hear(trouble("d-" + i, 1 + i / 2));
        }

        assertThat(here.members).hasSize(Neighbourhood.MAX_MEMBERS);
        assertThat(here.forgotten).isEqualTo(Neighbourhood.MAX_MEMBERS + 1);
        assertThat(hear(smoke("s-2", HALL, 300)))
                .extracting(Alert::id)
                .as("the fire is still known")
                .contains(fire.id());
    }

    @Test
    void so_many_courses_go_on_in_an_area_at_the_same_time() {
        for (int i = 0; i < 2 * Neighbourhood.MAX_COURSES; i++) {
            hear(smoke("s-" + i, "Building " + i + ", Hall", i));
        }

        assertThat(here.courses).hasSize(Neighbourhood.MAX_COURSES);
    }

    @Test
    void a_confirmation_names_so_many_witnesses() {
        for (int i = 0; i < 3 * Correlation.MAX_WITNESSES; i++) {
            hear(smoke("s-" + i, HALL, i));
        }

        assertThat(here.members)
                .allSatisfy(member -> assertThat(
                                member.alert().said().confirmed().by().size())
                        .isBetween(1, Correlation.MAX_WITNESSES));
    }

    @Test
    void what_is_over_and_long_unheard_is_forgotten_and_what_is_open_is_not() {
        Alert first = smoke("s-1", KITCHEN, 0);
        hear(first);
        correlator.forget(here, NOW_MS + 7_200_000, alert -> {});
        assertThat(here.members).hasSize(1);
        hear(cleared(first, 10));

        correlator.forget(here, NOW_MS + 7_200_000, alert -> {});

        assertThat(here.isEmpty()).isTrue();
    }

    private static Alert trouble(String device, int atSecond) {
        return alert("p/silence", device, HALL, atSecond, AlertKind.TROUBLE, Severity.MINOR, false);
    }

    private static Alert byDevice(List<Alert> alerts, String device) {
        return alerts.stream()
                .filter(alert -> alert.device().equals(device))
                .findFirst()
                .orElseThrow();
    }
}
