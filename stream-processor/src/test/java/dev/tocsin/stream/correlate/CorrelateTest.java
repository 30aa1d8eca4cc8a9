package dev.tocsin.stream.correlate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Evidence;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.stream.ingest.GatewayPlaces;
import dev.tocsin.stream.life.Claim;
import dev.tocsin.stream.life.SiteCorrelations;
import dev.tocsin.stream.source.Feed;
import dev.tocsin.stream.source.UplinkMessage;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.state.heap.HeapKeyedStateBackend;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;
import org.apache.flink.streaming.util.KeyedBroadcastOperatorTestHarness;
import org.junit.jupiter.api.Test;

class CorrelateTest {
    private static final long NOW_MS = 1_800_000_000_000L;
    private static final long WINDOW_MS = 1_800_000;
    private static final Place HALL = new Place(new String[] {"district", "grid-7"}, "Building 4, Hall", null, null);

    @Test
    void a_claim_of_the_topic_is_passed_on_before_what_is_said_because_of_it() throws Exception {
        try (var harness = open()) {
            harness.processElement(heard("s-1", AlertState.ACTIVE, HALL), NOW_MS);
            harness.processElement(heard("s-2", AlertState.ACTIVE, HALL), NOW_MS);

            assertThat(harness.extractOutputValues())
                    .extracting(Claim::holder)
                    .containsExactly(
                            Claim.Holder.TOPIC, Claim.Holder.TOPIC, Claim.Holder.NEIGHBOURS, Claim.Holder.NEIGHBOURS);
        }
    }

    @Test
    void an_area_in_which_all_is_over_leaves_no_state_and_no_timer() throws Exception {
        try (var harness = open()) {
            harness.processElement(heard("s-1", AlertState.ACTIVE, HALL), NOW_MS);
            harness.setProcessingTime(NOW_MS + 3 * WINDOW_MS);
            assertThat(stateEntries(harness)).isOne();
            assertThat(harness.numProcessingTimeTimers()).isOne();

            harness.processElement(heard("s-1", AlertState.CLEARED, HALL), NOW_MS);
            harness.setProcessingTime(NOW_MS + 5 * WINDOW_MS);

            assertThat(stateEntries(harness)).isZero();
            assertThat(harness.numProcessingTimeTimers()).isZero();
        }
    }

    @Test
    void alerts_of_which_nobody_knows_the_place_are_passed_on_and_say_nothing() throws Exception {
        try (var harness = open()) {
            harness.processElement(heard("s-1", AlertState.ACTIVE, GatewayPlaces.UNASSIGNED), NOW_MS);
            harness.processElement(heard("s-2", AlertState.ACTIVE, GatewayPlaces.UNASSIGNED), NOW_MS);

            assertThat(harness.extractOutputValues()).hasSize(2);
            assertThat(stateEntries(harness)).isZero();
        }
    }

    @Test
    void over_a_restart_nothing_is_forgotten_before_what_waited_was_heard_and_nothing_is_said_twice() throws Exception {
        OperatorSubtaskState snapshot;
        try (var harness = open()) {
            harness.processElement(heard("s-1", AlertState.ACTIVE, HALL), NOW_MS);
            harness.processElement(heard("s-1", AlertState.CLEARED, HALL), NOW_MS);
            snapshot = harness.snapshot(1, NOW_MS);
        }
        long backMs = NOW_MS + 2 * WINDOW_MS;
        try (var harness = create(backMs)) {
            harness.initializeState(snapshot);
            harness.open();
            harness.setProcessingTime(backMs);
            harness.processElement(heard("s-1", AlertState.CLEARED, HALL), backMs);
            assertThat(harness.extractOutputValues()).hasSize(1);

            harness.processElement(heard("s-2", AlertState.ACTIVE, HALL), backMs);
            harness.processElement(heard("s-2", AlertState.ACTIVE, HALL), backMs);
            assertThat(harness.extractOutputValues())
                    .filteredOn(claim -> claim.holder() == Claim.Holder.NEIGHBOURS)
                    .hasSize(2);
        }
    }

    @Test
    void a_site_says_itself_what_confirms_what() throws Exception {
        try (var harness = open()) {
            harness.processBroadcastElement(
                    new UplinkMessage(
                            Feed.STATE, 0, Topics.CORRELATIONS, "", """
                            version: 1
                            building: ".*"
                            signs: {smoke: ["*/smoke"]}
                            chattering: {raises: 3, within: 1m, quiet: 1m, remind: 15m}
                            """.getBytes(StandardCharsets.UTF_8), NOW_MS),
                    NOW_MS);
            harness.processElement(heard("s-1", AlertState.ACTIVE, HALL), NOW_MS);
            harness.processElement(heard("s-2", AlertState.ACTIVE, HALL), NOW_MS);
            assertThat(harness.extractOutputValues()).hasSize(2);

            harness.processBroadcastElement(
                    new UplinkMessage(Feed.STATE, 0, Topics.CORRELATIONS, "", new byte[0], NOW_MS), NOW_MS);
            harness.processElement(heard("s-3", AlertState.ACTIVE, HALL), NOW_MS);
            assertThat(harness.extractOutputValues()).hasSizeGreaterThan(3);
        }
    }

    private static KeyedBroadcastOperatorTestHarness<String, Claim, UplinkMessage, Claim> open() throws Exception {
        var harness = create(NOW_MS);
        harness.open();
        harness.setProcessingTime(NOW_MS);
        return harness;
    }

    private static KeyedBroadcastOperatorTestHarness<String, Claim, UplinkMessage, Claim> create(long openedMs)
            throws Exception {
        Clock clock = Clock.fixed(Instant.ofEpochMilli(openedMs), ZoneOffset.UTC);
        return new KeyedBroadcastOperatorTestHarness<>(
                new CoBroadcastWithKeyedOperator<>(new Correlate(clock), List.of(SiteCorrelations.STATE)),
                Correlate::areaOf,
                Types.STRING,
                1,
                1,
                0);
    }

    private static int stateEntries(KeyedBroadcastOperatorTestHarness<String, Claim, UplinkMessage, Claim> harness) {
        AbstractStreamOperator<?> operator = (AbstractStreamOperator<?>) harness.getOperator();
        return ((HeapKeyedStateBackend<?>) operator.getKeyedStateBackend()).numKeyValueStateEntries();
    }

    private static Claim heard(String device, AlertState state, Place place) {
        Instant onset = Instant.ofEpochMilli(NOW_MS);
        Alert raised = new Alert(
                Alert.idOf("p/smoke", device, NOW_MS),
                NOW_MS,
                AlertState.ACTIVE,
                "p/smoke",
                1,
                AlertKind.ALARM,
                Severity.CRITICAL,
                "gw-1",
                device,
                place,
                "smoke",
                1,
                "",
                onset,
                onset,
                null,
                false,
                false,
                Evidence.NONE);
        Alert alert = state == AlertState.ACTIVE ? raised : raised.over(onset).published(NOW_MS + 1, false);
        return new Claim(Claim.Holder.TOPIC, alert, NOW_MS);
    }
}
