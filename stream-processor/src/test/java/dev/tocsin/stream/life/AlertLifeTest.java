package dev.tocsin.stream.life;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.stream.ingest.GatewayPlaces;
import dev.tocsin.stream.life.Claim.Holder;
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

class AlertLifeTest {
    private static final long NOW_MS = 1_800_000_000_000L;

    @Test
    void a_closed_matter_leaves_no_state_and_an_open_one_stays() throws Exception {
        try (var harness = open()) {
            harness.processElement(claim("a", AlertState.ACTIVE, NOW_MS), NOW_MS);
            harness.setProcessingTime(NOW_MS + 2 * AlertLife.FORGET_AFTER_MS);
            assertThat(stateEntries(harness)).isOne();

            harness.processElement(claim("a", AlertState.CLEARED, NOW_MS), NOW_MS);
            harness.setProcessingTime(NOW_MS + 3 * AlertLife.FORGET_AFTER_MS);

            assertThat(stateEntries(harness)).isZero();
            assertThat(harness.extractOutputValues())
                    .extracting(Alert::state)
                    .containsExactly(AlertState.ACTIVE, AlertState.CLEARED);
        }
    }

    @Test
    void a_claim_that_publishes_nothing_leaves_nothing() throws Exception {
        try (var harness = open()) {
            harness.processElement(claim("a", AlertState.CLEARED, NOW_MS), NOW_MS);

            assertThat(harness.extractOutputValues()).isEmpty();
            assertThat(stateEntries(harness)).isZero();
            assertThat(harness.numProcessingTimeTimers()).isZero();
        }
    }

    @Test
    void what_an_agent_with_a_new_spool_forgot_is_over_and_forgotten_here_too() throws Exception {
        try (var harness = open()) {
            Claim claimed =
                    Claims.claim(Holder.EDGE, "a", AlertState.ACTIVE, NOW_MS, null, false, GatewayPlaces.UNASSIGNED);
            harness.processElement(claimed, NOW_MS);
            harness.processBroadcastElement(News.of(new NewSpool("gw-2", NOW_MS + 60_000)), NOW_MS);
            assertThat(harness.extractOutputValues()).hasSize(1);

            harness.processBroadcastElement(News.of(new NewSpool("gw-1", NOW_MS + 60_000)), NOW_MS);
            assertThat(harness.extractOutputValues())
                    .extracting(Alert::state)
                    .containsExactly(AlertState.ACTIVE, AlertState.CLEARED);

            harness.setProcessingTime(NOW_MS + 2 * AlertLife.FORGET_AFTER_MS);
            assertThat(stateEntries(harness)).isZero();
            assertThat(harness.numProcessingTimeTimers()).isZero();
        }
    }

    @Test
    void what_only_the_topic_knows_is_cleared_when_nobody_claims_it() throws Exception {
        try (var harness = open()) {
            harness.processElement(
                    new Claim(
                            Holder.TOPIC,
                            claim("a", AlertState.ACTIVE, NOW_MS).alert().published(NOW_MS, false),
                            NOW_MS),
                    NOW_MS);
            assertThat(harness.extractOutputValues()).isEmpty();

            harness.setProcessingTime(NOW_MS + Matter.SETTLE_MS);
            assertThat(harness.extractOutputValues()).extracting(Alert::state).containsExactly(AlertState.CLEARED);

            harness.setProcessingTime(NOW_MS + 2 * AlertLife.FORGET_AFTER_MS);
            assertThat(stateEntries(harness)).isZero();
            assertThat(harness.numProcessingTimeTimers()).isZero();
        }
    }

    @Test
    void chatter_takes_one_timer_however_often_it_flaps_and_leaves_no_state_once_it_is_quiet() throws Exception {
        try (var harness = open()) {
            for (int i = 0; i < 50; i++) {
                long atMs = NOW_MS + i * 4_000L;
                harness.setProcessingTime(atMs);
                harness.processElement(claim("f" + i, AlertState.ACTIVE, atMs), atMs);
                harness.processElement(claim("f" + i, AlertState.CLEARED, atMs), atMs);
                assertThat(harness.numProcessingTimeTimers()).isLessThanOrEqualTo(2);
            }
            assertThat(harness.extractOutputValues())
                    .extracting(Alert::id)
                    .containsExactly("f0", "f0", "f1", "f1", "f2", "f2", "f2", "f2", "f2");

            harness.setProcessingTime(NOW_MS + 50 * 4_000L + 60_000);

            List<Alert> heard = harness.extractOutputValues();
            assertThat(heard.get(heard.size() - 1)).satisfies(over -> {
                assertThat(over.id()).isEqualTo("f2");
                assertThat(over.state()).isEqualTo(AlertState.CLEARED);
                assertThat(over.said().chatter().raises()).isEqualTo(50);
            });
            harness.setProcessingTime(NOW_MS + 3 * AlertLife.FORGET_AFTER_MS);
            assertThat(stateEntries(harness)).isZero();
            assertThat(harness.numProcessingTimeTimers()).isZero();
        }
    }

    @Test
    void chatter_goes_on_over_a_restart_and_is_not_over_before_what_waited_was_heard() throws Exception {
        OperatorSubtaskState snapshot;
        try (var harness = open()) {
            for (int i = 0; i < 3; i++) {
                harness.processElement(claim("f" + i, AlertState.ACTIVE, NOW_MS + i * 4_000L), NOW_MS);
                harness.processElement(claim("f" + i, AlertState.CLEARED, NOW_MS + i * 4_000L), NOW_MS);
            }
            snapshot = harness.snapshot(1, NOW_MS);
        }
        long backMs = NOW_MS + 600_000;
        try (var harness = create(Clock.fixed(Instant.ofEpochMilli(backMs), ZoneOffset.UTC))) {
            harness.initializeState(snapshot);
            harness.open();
            harness.setProcessingTime(backMs);
            harness.processElement(claim("f3", AlertState.ACTIVE, NOW_MS + 12_000), backMs);
            assertThat(harness.extractOutputValues()).isEmpty();
            harness.processElement(claim("f3", AlertState.CLEARED, NOW_MS + 12_000), backMs);

            harness.setProcessingTime(backMs + 120_000);
            assertThat(harness.extractOutputValues()).hasSize(1);
            assertThat(harness.extractOutputValues().get(0).said().chatter().raises())
                    .isEqualTo(4);
        }
    }

    @Test
    void a_site_says_itself_what_chatter_is() throws Exception {
        try (var harness = open()) {
            String rules = """
                    version: 7
                    building: ".*"
                    signs: {smoke: ["*/smoke"]}
                    chattering: {raises: 2, within: 1m, quiet: 10s, remind: 15m}
                    """;
            harness.processBroadcastElement(correlations(rules), NOW_MS);
            harness.processBroadcastElement(correlations(rules.replace("7", "6").replace("2", "5")), NOW_MS);
            harness.processBroadcastElement(correlations("version: ["), NOW_MS);
            for (int i = 0; i < 2; i++) {
                harness.processElement(claim("f" + i, AlertState.ACTIVE, NOW_MS + i * 4_000L), NOW_MS);
                harness.processElement(claim("f" + i, AlertState.CLEARED, NOW_MS + i * 4_000L), NOW_MS);
            }
            assertThat(harness.extractOutputValues())
                    .extracting(Alert::state)
                    .containsExactly(AlertState.ACTIVE, AlertState.CLEARED, AlertState.ACTIVE);

            harness.setProcessingTime(NOW_MS + 10_000);
            assertThat(harness.extractOutputValues()).hasSize(4);
        }
    }

    private static News correlations(String text) {
        return News.of(new UplinkMessage(
                Feed.STATE, 0, Topics.CORRELATIONS, "", text.getBytes(StandardCharsets.UTF_8), NOW_MS));
    }

    private static int stateEntries(KeyedBroadcastOperatorTestHarness<String, Claim, News, Alert> harness) {
        AbstractStreamOperator<?> operator = (AbstractStreamOperator<?>) harness.getOperator();
        return ((HeapKeyedStateBackend<?>) operator.getKeyedStateBackend()).numKeyValueStateEntries();
    }

    private static KeyedBroadcastOperatorTestHarness<String, Claim, News, Alert> open() throws Exception {
        var harness = create(Clock.systemUTC());
        harness.open();
        harness.setProcessingTime(NOW_MS);
        return harness;
    }

    private static KeyedBroadcastOperatorTestHarness<String, Claim, News, Alert> create(Clock clock) throws Exception {
        return new KeyedBroadcastOperatorTestHarness<>(
                new CoBroadcastWithKeyedOperator<>(new AlertLife(clock), List.of(SiteCorrelations.STATE)),
                Claim::matter,
                Types.STRING,
                1,
                1,
                0);
    }

    private static Claim claim(String id, AlertState state, long onsetMs) {
        Long cleared = state == AlertState.CLEARED ? onsetMs + 1_000 : null;
        return Claims.claim(Holder.LIVE, id, state, onsetMs, cleared, false, GatewayPlaces.UNASSIGNED);
    }
}
