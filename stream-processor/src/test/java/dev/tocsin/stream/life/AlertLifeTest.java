package dev.tocsin.stream.life;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.stream.ingest.GatewayPlaces;
import dev.tocsin.stream.life.Claim.Holder;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.heap.HeapKeyedStateBackend;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.util.KeyedBroadcastOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
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
        }
    }

    @Test
    void what_an_agent_with_a_new_spool_forgot_is_over_and_forgotten_here_too() throws Exception {
        try (var harness = open()) {
            Claim claimed = MatterTest.claim(
                    Holder.EDGE, "a", AlertState.ACTIVE, NOW_MS, null, false, GatewayPlaces.UNASSIGNED);
            harness.processElement(claimed, NOW_MS);
            harness.processBroadcastElement(new NewSpool("gw-2", NOW_MS + 60_000), NOW_MS);
            assertThat(harness.extractOutputValues()).hasSize(1);

            harness.processBroadcastElement(new NewSpool("gw-1", NOW_MS + 60_000), NOW_MS);
            assertThat(harness.extractOutputValues())
                    .extracting(Alert::state)
                    .containsExactly(AlertState.ACTIVE, AlertState.CLEARED);

            harness.setProcessingTime(NOW_MS + 2 * AlertLife.FORGET_AFTER_MS);
            assertThat(stateEntries(harness)).isZero();
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
        }
    }

    private static int stateEntries(KeyedBroadcastOperatorTestHarness<String, Claim, NewSpool, Alert> harness) {
        AbstractStreamOperator<?> operator = (AbstractStreamOperator<?>) harness.getOperator();
        return ((HeapKeyedStateBackend<?>) operator.getKeyedStateBackend()).numKeyValueStateEntries();
    }

    private static KeyedBroadcastOperatorTestHarness<String, Claim, NewSpool, Alert> open() throws Exception {
        var harness = ProcessFunctionTestHarnesses.forKeyedBroadcastProcessFunction(
                new AlertLife(), Claim::matter, Types.STRING, AlertLife.NOTHING);
        harness.setProcessingTime(NOW_MS);
        return harness;
    }

    private static Claim claim(String id, AlertState state, long onsetMs) {
        Long cleared = state == AlertState.CLEARED ? onsetMs + 1_000 : null;
        return MatterTest.claim(Holder.LIVE, id, state, onsetMs, cleared, false, GatewayPlaces.UNASSIGNED);
    }
}
