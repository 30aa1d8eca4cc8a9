package dev.tocsin.stream.life;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.stream.ingest.GatewayPlaces;
import dev.tocsin.stream.life.Claim.Holder;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.junit.jupiter.api.Test;

class AlertLifeTest {
    private static final long NOW_MS = 1_800_000_000_000L;

    @Test
    void a_closed_matter_leaves_no_state_and_an_open_one_stays() throws Exception {
        try (var harness = open()) {
            harness.processElement(claim("a", AlertState.ACTIVE, NOW_MS), NOW_MS);
            harness.setProcessingTime(NOW_MS + 2 * AlertLife.FORGET_AFTER_MS);
            assertThat(harness.numKeyedStateEntries()).isOne();

            harness.processElement(claim("a", AlertState.CLEARED, NOW_MS), NOW_MS);
            harness.setProcessingTime(NOW_MS + 3 * AlertLife.FORGET_AFTER_MS);

            assertThat(harness.numKeyedStateEntries()).isZero();
            assertThat(harness.numProcessingTimeTimers()).isZero();
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
            assertThat(harness.numKeyedStateEntries()).isZero();
        }
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Claim, Alert> open() throws Exception {
        var harness =
                ProcessFunctionTestHarnesses.forKeyedProcessFunction(new AlertLife(), Claim::matter, Types.STRING);
        harness.setProcessingTime(NOW_MS);
        return harness;
    }

    private static Claim claim(String id, AlertState state, long onsetMs) {
        Long cleared = state == AlertState.CLEARED ? onsetMs + 1_000 : null;
        return MatterTest.claim(Holder.LIVE, id, state, onsetMs, cleared, false, GatewayPlaces.UNASSIGNED);
    }
}
