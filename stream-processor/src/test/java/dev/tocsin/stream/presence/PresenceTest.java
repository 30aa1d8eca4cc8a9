package dev.tocsin.stream.presence;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayState;
import dev.tocsin.profiles.desired.GatewayStatus;
import dev.tocsin.profiles.desired.Pulse;
import dev.tocsin.stream.life.Claim;
import dev.tocsin.stream.life.NewSpool;
import dev.tocsin.stream.source.Feed;
import dev.tocsin.stream.source.UplinkMessage;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PresenceTest {
    private static final long SINCE_MS = 1_800_000_000_000L;
    private KeyedOneInputStreamOperatorTestHarness<String, Signal, Claim> harness;

    @BeforeEach
    void open() throws Exception {
        open(0);
    }

    private void open(long startMs) throws Exception {
        harness = ProcessFunctionTestHarnesses.forKeyedProcessFunction(
                new Presence(Clock.fixed(Instant.ofEpochMilli(startMs), ZoneOffset.UTC)),
                Signal::gateway,
                Types.STRING);
        harness.setProcessingTime(0);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void a_gateway_that_stays_away_is_in_trouble_until_it_is_back() throws Exception {
        status(true, 0);
        status(false, 1_000);
        at(1_000 + Presence.GRACE_MS - 1);
        assertThat(claims()).isEmpty();

        at(1_000 + Presence.GRACE_MS);
        status(true, 20_000);

        assertThat(claims()).extracting(Alert::state).containsExactly(AlertState.ACTIVE, AlertState.CLEARED);
        assertThat(claims()).extracting(Alert::id).containsOnly(Alert.idOf(Presence.RULE, "gw-1", SINCE_MS));
        assertThat(claims().get(0).onset()).isEqualTo(Instant.ofEpochMilli(1_000));
    }

    @Test
    void a_reconnection_within_the_grace_is_no_trouble() throws Exception {
        status(true, 0);
        status(false, 1_000);
        at(5_000);
        status(true, 5_000);
        at(60_000);

        assertThat(claims()).isEmpty();
    }

    @Test
    void each_loss_has_a_grace_of_its_own() throws Exception {
        status(true, 0);
        status(false, 1_000);
        at(5_000);
        status(true, 5_000);
        at(8_000);
        status(false, 8_000);
        at(11_000);
        assertThat(claims()).isEmpty();

        at(18_000);
        assertThat(claims()).hasSize(1);
    }

    @Test
    void the_same_will_told_twice_is_one_matter() throws Exception {
        status(true, 0);
        status(false, 1_000);
        at(20_000);
        status(false, 21_000);
        at(60_000);

        assertThat(claims()).hasSize(1);
    }

    @Test
    void a_timer_from_before_a_restart_waits_for_what_came_since() throws Exception {
        close();
        // This instance began long after the timer was due.
        open(3_000_000);
        status(true, 0);
        status(false, 1_000);
        at(3_600_000);
        status(true, 3_600_001);
        at(3_700_000);

        assertThat(claims()).isEmpty();
    }

    @Test
    void what_is_no_status_is_counted_and_changes_nothing() throws Exception {
        harness.processElement(message(new byte[] {'x'}, 1_000), 1_000);
        at(60_000);

        assertThat(claims()).isEmpty();
    }

    @Test
    void a_gateway_whose_status_is_removed_leaves_no_state() throws Exception {
        status(true, 0);
        harness.processElement(message(new byte[0], 1_000), 1_000);

        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numProcessingTimeTimers()).isZero();
    }

    @Test
    void a_gateway_that_was_away_and_is_dropped_is_no_trouble_any_more_and_leaves_no_state_and_no_timer()
            throws Exception {
        byte[] state = DesiredJson.write(new GatewayState(
                1,
                "gw-1",
                "G",
                new Place(new String[] {"district"}, "", null, null),
                GatewayState.Enrolment.OPEN,
                List.of()));
        desired(state, 0);
        status(true, 0);
        pulse(500);
        status(false, 1_000);
        at(1_000 + Presence.GRACE_MS);
        assertThat(claims()).extracting(Alert::state).containsExactly(AlertState.ACTIVE);
        assertThat(claims().get(0).place().area()).isEqualTo("district");

        desired(new byte[0], 20_000);
        harness.processElement(message(new byte[0], 20_000), 20_000);
        at(60_000);

        assertThat(claims()).extracting(Alert::state).containsExactly(AlertState.ACTIVE, AlertState.CLEARED);
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numProcessingTimeTimers()).isZero();
    }

    @Test
    void a_gateway_that_is_said_to_be_online_and_has_no_pulse_is_in_trouble_until_it_has() throws Exception {
        status(true, 0);
        pulse(1_000);
        // The broker and the gateway lost their power together; the broker is back and tells what it had retained.
        at(100_000);
        status(true, 100_000);
        at(100_000 + Presence.PULSE_WITHIN_MS - 1);
        assertThat(claims()).isEmpty();

        at(100_000 + Presence.PULSE_WITHIN_MS);
        assertThat(claims()).extracting(Alert::state).containsExactly(AlertState.ACTIVE);

        pulse(200_000);
        assertThat(claims()).extracting(Alert::state).containsExactly(AlertState.ACTIVE, AlertState.CLEARED);
    }

    @Test
    void a_pulse_after_the_last_will_is_no_sign_of_life() throws Exception {
        status(true, 0);
        status(false, 1_000);
        pulse(1_001);
        at(1_000 + Presence.GRACE_MS);

        assertThat(claims()).extracting(Alert::state).containsExactly(AlertState.ACTIVE);
    }

    @Test
    void a_gateway_speaks_for_itself_only() throws Exception {
        byte[] json = DesiredJson.write(new GatewayStatus("gw-2", false, null, null, null, 0, true));
        harness.processElement(message(json, 0), 0);
        at(60_000);

        assertThat(claims()).isEmpty();
        assertThat(harness.numKeyedStateEntries()).isZero();
    }

    @Test
    void a_new_spool_is_told_once() throws Exception {
        statusOf("first", 0);
        statusOf("first", 1_000);
        statusOf("second", 2_000);
        statusOf("second", 3_000);

        assertThat(harness.getSideOutput(Presence.NEW_SPOOL))
                .extracting(record -> record.getValue())
                .containsExactly(new NewSpool("gw-1", 2_000));
    }

    private void pulse(long atMs) throws Exception {
        at(atMs);
        Instant sent = Instant.ofEpochMilli(atMs);
        harness.processElement(Signal.of(new Pulse("gw-1", 1, sent, sent)), atMs);
    }

    private void statusOf(String epoch, long atMs) throws Exception {
        Instant since = Instant.ofEpochMilli(SINCE_MS);
        byte[] json = DesiredJson.write(new GatewayStatus("gw-1", true, since, null, epoch, 0, true));
        harness.processElement(message(json, atMs), atMs);
    }

    private void status(boolean online, long atMs) throws Exception {
        Instant since = online ? Instant.ofEpochMilli(SINCE_MS) : null;
        byte[] json = DesiredJson.write(new GatewayStatus("gw-1", online, since, null, null, 0, true));
        harness.processElement(message(json, atMs), atMs);
    }

    private void at(long ms) throws Exception {
        harness.setProcessingTime(ms);
    }

    private void desired(byte[] payload, long atMs) throws Exception {
        harness.processElement(
                Signal.of(new UplinkMessage(Feed.STATE, 0, "tocsin/v1/state/gateway/gw-1", "gw-1", payload, atMs)),
                atMs);
    }

    private static Signal message(byte[] payload, long atMs) {
        return Signal.of(new UplinkMessage(Feed.STATUS, 0, "tocsin/v1/up/0/gw-1/status", "gw-1", payload, atMs));
    }

    private List<Alert> claims() {
        return harness.extractOutputValues().stream().map(Claim::alert).toList();
    }
}
