package dev.tocsin.stream.detect;

import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.desired.Pulse;
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
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;
import org.apache.flink.streaming.util.KeyedBroadcastOperatorTestHarness;

/** A detector in an operator of its own, which knows one profile, with a hall of it that is read. */
final class DetectUnderTest {
    static final long NOW_MS = 1_800_000_000_000L;
    static final String PROFILE = """
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

    private DetectUnderTest() {}

    static void raise(KeyedBroadcastOperatorTestHarness<String, PlacedReadings, Notice, Claim> harness)
            throws Exception {
        read(harness, 60, NOW_MS);
        read(harness, 61, NOW_MS + 10_000);
    }

    static List<AlertState> states(KeyedBroadcastOperatorTestHarness<String, PlacedReadings, Notice, Claim> harness) {
        return harness.extractOutputValues().stream()
                .map(claim -> claim.alert().state())
                .toList();
    }

    static void pulse(KeyedBroadcastOperatorTestHarness<String, PlacedReadings, Notice, Claim> harness, long sentMs)
            throws Exception {
        Instant sent = Instant.ofEpochMilli(sentMs);
        harness.processBroadcastElement(Notice.of(new Pulse("gw-1", 1, sent, sent)), NOW_MS);
    }

    static KeyedBroadcastOperatorTestHarness<String, PlacedReadings, Notice, Claim> open(
            KeyedBroadcastProcessFunction<String, PlacedReadings, Notice, Claim> function) throws Exception {
        var harness = unopened(function);
        harness.open();
        harness.setProcessingTime(NOW_MS);
        harness.processBroadcastElement(profile(PROFILE), NOW_MS);
        return harness;
    }

    static KeyedBroadcastOperatorTestHarness<String, PlacedReadings, Notice, Claim> unopened(
            KeyedBroadcastProcessFunction<String, PlacedReadings, Notice, Claim> function) throws Exception {
        return new KeyedBroadcastOperatorTestHarness<>(
                new CoBroadcastWithKeyedOperator<>(function, List.of(Site.state())),
                PlacedReadings::device,
                Types.STRING,
                1,
                1,
                0);
    }

    static Clock at(long ms) {
        return Clock.fixed(Instant.ofEpochMilli(ms), ZoneOffset.UTC);
    }

    static int stateEntries(KeyedBroadcastOperatorTestHarness<String, PlacedReadings, Notice, Claim> harness) {
        AbstractStreamOperator<?> operator = (AbstractStreamOperator<?>) harness.getOperator();
        return ((HeapKeyedStateBackend<?>) operator.getKeyedStateBackend()).numKeyValueStateEntries();
    }

    static Notice rules(String version, String change) {
        return rules("id: site\n" + version + "\nchanges: [{rule: test-heat/hot, " + change + "}]");
    }

    static Notice rules(String text) {
        return Notice.of(new UplinkMessage(
                Feed.STATE, 0, "tocsin/v1/state/rules/site", "site", text.getBytes(StandardCharsets.UTF_8), NOW_MS));
    }

    static Notice profile(String yaml) {
        return Notice.of(new UplinkMessage(
                Feed.STATE,
                0,
                "tocsin/v1/state/profile/test-heat",
                "test-heat",
                yaml.getBytes(StandardCharsets.UTF_8),
                NOW_MS));
    }

    static void read(
            KeyedBroadcastOperatorTestHarness<String, PlacedReadings, Notice, Claim> harness, double value, long atMs)
            throws Exception {
        harness.processElement(placed("test-heat", value, atMs, false), NOW_MS);
    }

    static PlacedReadings placed(String profile, double value, long atMs, boolean replayed) {
        Reading reading = new Reading("hall-3", "temperature", value, atMs, atMs, Quality.GOOD);
        DeviceReadings readings = DeviceReadings.of("hall-3", profile, replayed, 0, List.of(reading));
        return new PlacedReadings("gw-1", GatewayPlaces.UNASSIGNED, NOW_MS, readings);
    }
}
