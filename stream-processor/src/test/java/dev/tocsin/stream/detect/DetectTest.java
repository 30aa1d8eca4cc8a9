package dev.tocsin.stream.detect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.stream.ingest.GatewayPlaces;
import dev.tocsin.stream.ingest.PlacedReadings;
import dev.tocsin.stream.life.Claim;
import dev.tocsin.stream.source.Feed;
import dev.tocsin.stream.source.UplinkMessage;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.heap.HeapKeyedStateBackend;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.util.KeyedBroadcastOperatorTestHarness;
import org.apache.flink.streaming.util.ProcessFunctionTestHarnesses;
import org.junit.jupiter.api.Test;

class DetectTest {
    private static final long NOW_MS = 1_800_000_000_000L;
    private static final String PROFILE = """
            id: test-heat
            version: 1
            name: {en: Heat, zh: Heat}
            category: climate
            sources: {mqtt: ["sensors/{device}"]}
            codec: {type: senml}
            metrics:
              temperature: {unit: Cel, label: {en: Temperature, zh: Temperature}, min: -40, max: 1500}
            rules:
              - id: hot
                metric: temperature
                when: {above: 57, clear: 50}
                on-delay: 10s
                off-delay: 30s
                kind: alarm
                severity: critical
                name: {en: Hot, zh: Hot}
            """;

    @Test
    void a_delay_that_runs_out_while_no_reading_comes_is_ended_by_the_clock() throws Exception {
        try (var harness = open(new Detect(at(NOW_MS)))) {
            read(harness, 60, NOW_MS);
            harness.setProcessingTime(NOW_MS + 9_999);
            assertThat(harness.extractOutputValues()).isEmpty();

            harness.setProcessingTime(NOW_MS + 10_000);
            read(harness, 20, NOW_MS + 11_000);
            harness.setProcessingTime(NOW_MS + 41_000);

            assertThat(harness.extractOutputValues())
                    .extracting(claim -> claim.alert().state())
                    .containsExactly(AlertState.ACTIVE, AlertState.CLEARED);
        }
    }

    @Test
    void a_timer_from_before_a_restart_lets_the_waiting_readings_speak_first() throws Exception {
        try (var harness = open(new Detect(at(NOW_MS + 3_000_000)))) {
            read(harness, 60, NOW_MS);
            harness.setProcessingTime(NOW_MS + 3_600_000);
            read(harness, 20, NOW_MS + 5_000);
            harness.setProcessingTime(NOW_MS + 3_700_000);

            assertThat(harness.extractOutputValues()).isEmpty();
        }
    }

    @Test
    void a_recording_neither_makes_a_rule_deaf_nor_holds_or_clears_the_real_alarm() throws Exception {
        long in2100Ms = 4_102_444_800_000L;
        try (var harness = open(new Detect(at(NOW_MS)))) {
            harness.processElement(replayed(60, in2100Ms), NOW_MS);
            harness.processElement(replayed(61, in2100Ms + 20_000), NOW_MS);
            read(harness, 60, NOW_MS);
            harness.setProcessingTime(NOW_MS + 10_000);
            harness.processElement(replayed(20, in2100Ms + 30_000), NOW_MS);
            harness.processElement(replayed(20, in2100Ms + 90_000), NOW_MS);

            assertThat(harness.extractOutputValues())
                    .extracting(
                            claim -> claim.alert().state(),
                            claim -> claim.alert().drill())
                    .containsExactly(
                            tuple(AlertState.ACTIVE, true),
                            tuple(AlertState.ACTIVE, false),
                            tuple(AlertState.CLEARED, true));
        }
    }

    @Test
    void readings_of_a_profile_that_nobody_has_are_counted_only() throws Exception {
        try (var harness = open(new Detect(at(NOW_MS)))) {
            harness.processElement(placed("nobody", 60, NOW_MS), NOW_MS);

            assertThat(harness.extractOutputValues()).isEmpty();
            assertThat(stateEntries(harness)).isZero();
        }
    }

    @Test
    void a_profile_that_is_wrong_leaves_the_one_that_was_there() throws Exception {
        try (var harness = open(new Detect(at(NOW_MS)))) {
            harness.processBroadcastElement(profile("id: ["), NOW_MS);
            read(harness, 60, NOW_MS);
            harness.setProcessingTime(NOW_MS + 10_000);

            assertThat(harness.extractOutputValues()).hasSize(1);
        }
    }

    @Test
    void a_backlog_lets_go_when_it_ends_and_leaves_no_state() throws Exception {
        try (var harness = open(new DetectBacklog())) {
            read(harness, 60, NOW_MS - 600_000);
            read(harness, 61, NOW_MS - 500_000);
            assertThat(harness.extractOutputValues()).hasSize(1);

            harness.setProcessingTime(NOW_MS + DetectBacklog.QUIET_MS);

            assertThat(harness.extractOutputValues())
                    .extracting(claim -> claim.alert().state())
                    .containsExactly(AlertState.ACTIVE, AlertState.CLEARED);
            assertThat(harness.extractOutputValues()).extracting(Claim::holder).containsOnly(Claim.Holder.BACKLOG);
            assertThat(stateEntries(harness)).isZero();
        }
    }

    @Test
    void a_backlog_is_quiet_only_when_nothing_came_for_the_whole_time() throws Exception {
        try (var harness = open(new DetectBacklog())) {
            read(harness, 60, NOW_MS - 600_000);
            harness.setProcessingTime(NOW_MS + DetectBacklog.QUIET_MS - 1);
            read(harness, 61, NOW_MS - 500_000);
            harness.setProcessingTime(NOW_MS + DetectBacklog.QUIET_MS);
            assertThat(harness.extractOutputValues()).hasSize(1);

            harness.setProcessingTime(NOW_MS + 2 * DetectBacklog.QUIET_MS);
            assertThat(harness.extractOutputValues()).hasSize(2);
        }
    }

    private static KeyedBroadcastOperatorTestHarness<String, PlacedReadings, UplinkMessage, Claim> open(
            KeyedBroadcastProcessFunction<String, PlacedReadings, UplinkMessage, Claim> function) throws Exception {
        var harness = ProcessFunctionTestHarnesses.forKeyedBroadcastProcessFunction(
                function, PlacedReadings::device, Types.STRING, SiteProfiles.STATE);
        harness.setProcessingTime(NOW_MS);
        harness.processBroadcastElement(profile(PROFILE), NOW_MS);
        return harness;
    }

    private static Clock at(long ms) {
        return Clock.fixed(Instant.ofEpochMilli(ms), ZoneOffset.UTC);
    }

    private static int stateEntries(
            KeyedBroadcastOperatorTestHarness<String, PlacedReadings, UplinkMessage, Claim> harness) {
        AbstractStreamOperator<?> operator = (AbstractStreamOperator<?>) harness.getOperator();
        return ((HeapKeyedStateBackend<?>) operator.getKeyedStateBackend()).numKeyValueStateEntries();
    }

    private static UplinkMessage profile(String yaml) {
        return new UplinkMessage(
                Feed.STATE,
                0,
                "tocsin/v1/state/profile/test-heat",
                "test-heat",
                yaml.getBytes(StandardCharsets.UTF_8),
                NOW_MS);
    }

    private static void read(
            KeyedBroadcastOperatorTestHarness<String, PlacedReadings, UplinkMessage, Claim> harness,
            double value,
            long atMs)
            throws Exception {
        harness.processElement(placed("test-heat", value, atMs), NOW_MS);
    }

    private static PlacedReadings replayed(double value, long atMs) {
        Reading reading = new Reading("hall-3", "temperature", value, atMs, NOW_MS, Quality.GOOD);
        DeviceReadings readings = DeviceReadings.of("hall-3", "test-heat", true, 0, List.of(reading));
        return new PlacedReadings("gw-1", GatewayPlaces.UNASSIGNED, NOW_MS, readings);
    }

    private static PlacedReadings placed(String profile, double value, long atMs) {
        Reading reading = new Reading("hall-3", "temperature", value, atMs, atMs, Quality.GOOD);
        DeviceReadings readings = DeviceReadings.of("hall-3", profile, false, 0, List.of(reading));
        return new PlacedReadings("gw-1", GatewayPlaces.UNASSIGNED, NOW_MS, readings);
    }
}
