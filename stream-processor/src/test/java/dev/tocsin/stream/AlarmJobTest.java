package dev.tocsin.stream;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Correlation;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayState;
import dev.tocsin.profiles.desired.Pulse;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.stream.publish.MqttSink;
import dev.tocsin.stream.run.JobConfig;
import dev.tocsin.stream.run.JobConfig.StateStore;
import dev.tocsin.stream.run.LocalRun;
import dev.tocsin.stream.source.MqttSource;
import dev.tocsin.stream.source.Uplink;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The whole job between a real broker and a real subscriber, on a cluster in this JVM. */
@Timeout(120)
class AlarmJobTest {
    private static final int SHARDS = 2;
    private static final String GATEWAY = "gw-1";
    private static final String DEVICE = "hall-3";
    private static final String EPOCH = "0123456789abcdef0123456789abcdef";
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
                kind: alarm
                severity: critical
                name: {en: Hot, zh: Hot}
            """;

    private static final String SMOKE = """
            id: test-smoke
            version: 1
            name: {en: Smoke, zh: Smoke}
            category: smoke
            sources: {mqtt: ["smoke/{device}"]}
            codec: {type: senml}
            metrics:
              smoke: {unit: "", label: {en: Smoke, zh: Smoke}, min: 0, max: 1}
            rules:
              - id: smoke-pre
                metric: smoke
                when: {above: 1}
                kind: pre-alarm
                severity: major
                name: {en: Smoke, zh: Smoke}
            """;

    @TempDir
    Path folder;

    private TestBroker broker;
    private TestGateway gateway;
    private AlertListener alerts;
    private StateStore store = StateStore.HASHMAP;
    private LocalRun run;
    private MqttSource source;
    private long sequence;
    private long atMs = System.currentTimeMillis() - 10_000;

    @BeforeEach
    void start() throws Exception {
        broker = TestBroker.start(folder.resolve("broker"));
        alerts = new AlertListener(broker.access());
        gateway = new TestGateway(broker.access(), GATEWAY, SHARDS);
        gateway.publish(Topics.stateOfProfile("test-heat"), PROFILE.getBytes(StandardCharsets.UTF_8), true);
        Place hall = new Place(new String[] {"district", "town", "grid-7"}, "Hall", 31.2, 121.5);
        gateway.publish(
                Topics.stateOfGateway(GATEWAY),
                DesiredJson.write(new GatewayState(
                        1,
                        GATEWAY,
                        "Gateway",
                        new Place(new String[] {"district"}, "Roof", null, null),
                        GatewayState.Enrolment.OPEN,
                        List.of(new GatewayState.EnrolledDevice(DEVICE, "test-heat", "Hall 3", hall)))),
                true);
        startJob();
    }

    private void startJob() throws Exception {
        JobConfig config = broker.job(folder.resolve("data-" + store), SHARDS, Duration.ofMillis(100), 1, store, 0);
        source = new MqttSource(broker.access(), "alarm", AlarmJob.FEEDS, SHARDS, config.window());
        MqttSink sink = new MqttSink(broker.access(), "tocsin-alarm-publisher");
        run = LocalRun.start("alarm", config, env -> AlarmJob.defineWorkflow(env, new Uplink(source), SHARDS, sink));
        run.awaitConnected(source);
    }

    @AfterEach
    void stop() throws Exception {
        run.close();
        gateway.close();
        alerts.close();
        broker.close();
    }

    @Test
    void a_reading_above_the_limit_becomes_one_alert_at_the_place_of_its_device() throws Exception {
        temperature(20);
        temperature(58);

        await().until(() -> !alerts.heard.isEmpty());
        temperature(59);
        temperature(30);

        await().until(() -> alerts.heard.size() == 2);
        assertThat(alerts.topics.get(0))
                .isEqualTo("tocsin/v1/alerts/district/town/grid-7/"
                        + alerts.heard.get(0).id());
        assertThat(alerts.heard).extracting(Alert::state).containsExactly(AlertState.ACTIVE, AlertState.CLEARED);
        assertThat(alerts.heard)
                .extracting(Alert::id)
                .containsOnly(alerts.heard.get(0).id());
        assertThat(alerts.heard.get(0).value()).isEqualTo(58);
        assertThat(alerts.heard.get(1).revision())
                .isGreaterThan(alerts.heard.get(0).revision());
    }

    @Test
    void what_cannot_be_decoded_is_passed_on_as_rejected_or_counted_and_stops_nothing() throws Exception {
        gateway.send(Lane.LIVE, new byte[] {1, 2, 3});
        gateway.send(Lane.ALERT, "no alert".getBytes(StandardCharsets.UTF_8));
        gateway.send(Lane.STATUS, "no status".getBytes(StandardCharsets.UTF_8));
        gateway.publish(Topics.stateOfProfile("broken"), "id: [".getBytes(StandardCharsets.UTF_8), true);
        try (AlertListener rejected = new AlertListener(broker.access(), Topics.upFilter(Lane.REJECTED))) {
            gateway.send(Lane.ALERT, "{}".getBytes(StandardCharsets.UTF_8));
            await().until(() -> !rejected.topics.isEmpty());
        }
        temperature(58);

        await().until(() -> alerts.heard.size() == 1);
    }

    @Test
    void the_pulse_passes_at_once() throws Exception {
        try (AlertListener pulses = new AlertListener(broker.access(), Topics.PULSE_FILTER)) {
            await().atMost(20, SECONDS).until(() -> {
                byte[] beat = TestGateway.batch(
                        EPOCH, sequence++, GATEWAY, Pulse.PROFILE, Pulse.METRIC, 7, System.currentTimeMillis());
                gateway.send(Lane.LIVE, beat);
                return !pulses.topics.isEmpty();
            });
            assertThat(pulses.topics.get(0)).isEqualTo(Topics.pulse(GATEWAY));
        }
    }

    @ParameterizedTest
    @EnumSource(StateStore.class)
    void nothing_is_lost_and_no_alert_is_doubled_when_the_process_is_replaced_again_and_again(StateStore stateStore)
            throws Exception {
        store = stateStore;
        run.close();
        startJob();
        int rounds = 4;
        int perRound = 60;
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < perRound; i++) {
                temperatureOf("device-" + (round * perRound + i), 60);
                if (i == perRound / 2) {
                    // Between two checkpoints: some of what was published is covered by none.
                    run.close();
                }
            }
            startJob();
        }
        await().atMost(30, SECONDS).until(() -> ids().size() == rounds * perRound);
        temperatureOf("device-0", 20);
        await().atMost(30, SECONDS)
                .until(() -> alerts.heard.stream().anyMatch(alert -> alert.state() == AlertState.CLEARED));

        assertThat(ids()).hasSize(rounds * perRound);
        Map<String, Alert> byRevision = new HashMap<>();
        for (Alert alert : alerts.heard) {
            Alert other = byRevision.putIfAbsent(alert.id() + "@" + alert.revision(), alert);
            assertThat(other == null || other.state() == alert.state()).isTrue();
        }
    }

    @Test
    void an_alert_on_the_topic_that_a_crash_made_the_job_forget_does_not_stay_open_beside_the_known_one()
            throws Exception {
        temperature(58);
        await().until(() -> alerts.heard.size() == 1);
        Alert known = alerts.heard.get(0);
        Alert forgotten =
                known.under("forgotten", known.onset(), known.place(), false).published(known.revision() - 1, false);
        gateway.publish(Topics.alert(List.of("district"), "forgotten"), AlertJson.write(forgotten), false);

        await().until(() -> alerts.heard.stream()
                .anyMatch(alert -> alert.id().equals("forgotten") && alert.state() == AlertState.CLEARED));
        assertThat(alerts.heard)
                .filteredOn(alert -> alert.id().equals(known.id()))
                .extracting(Alert::state)
                .containsExactly(AlertState.ACTIVE);
    }

    @Test
    void a_broker_that_restarts_costs_nothing() throws Exception {
        temperature(58);
        await().until(() -> alerts.heard.size() == 1);

        broker.stop();
        broker.start();
        run.awaitConnected(source);
        alerts.close();
        gateway.close();
        alerts = new AlertListener(broker.access());
        gateway = new TestGateway(broker.access(), GATEWAY, SHARDS);
        temperature(30);

        await().atMost(30, SECONDS).until(() -> alerts.heard.size() == 1);
        assertThat(alerts.heard.get(0).state()).isEqualTo(AlertState.CLEARED);
    }

    @Test
    void a_second_detector_makes_a_pre_alarm_a_confirmed_fire_whatever_becomes_of_the_job_in_between()
            throws Exception {
        enrolSmokeDetectors("Kitchen", "Hall", "Stairs");
        smoke("Kitchen", 1);
        await().until(() -> alerts.heard.size() == 1);
        Alert alone = alerts.heard.get(0);
        assertThat(alone.kind()).isEqualTo(AlertKind.PRE_ALARM);
        assertThat(alone.correlation()).isNull();

        run.close();
        startJob();
        smoke("Hall", 1);
        await().atMost(30, SECONDS).until(() -> newest("Kitchen").correlation() != null);

        Alert confirmed = newest("Kitchen");
        assertThat(confirmed.id()).isEqualTo(alone.id());
        assertThat(confirmed.kind()).isEqualTo(AlertKind.ALARM);
        assertThat(confirmed.severity()).isEqualTo(Severity.CRITICAL);
        assertThat(confirmed.revision()).isGreaterThanOrEqualTo(confirmed.said().urgentSince());
        assertThat(confirmed.said().confirmed().by())
                .extracting(Correlation.Witness::device)
                .containsExactly("Hall");
        assertThat(confirmed.place().name()).isEqualTo("Building 4, Kitchen");
        await().until(() -> newest("Hall").said().confirmed() != null);

        run.close();
        startJob();
        smoke("Stairs", 1);
        await().atMost(30, SECONDS)
                .until(() -> newest("Kitchen").said().spread() != null
                        && newest("Kitchen").said().spread().devices() == 3);
        assertThat(newest("Kitchen").said().spread())
                .isEqualTo(new Correlation.Spread("fire-spreads", alone.id(), "Building 4, Kitchen", 3, 3, 2));
        smoke("Kitchen", 0);
        await().atMost(30, SECONDS).until(() -> newest("Kitchen").state() == AlertState.CLEARED);
        assertThat(newest("Kitchen").said().confirmed()).isNotNull();
        assertThat(ids()).as("each its own record, and no other").hasSize(3);
        assertThat(alerts.heard.stream().map(alert -> alert.id() + "@" + alert.revision()))
                .doesNotHaveDuplicates();
    }

    @Test
    void correlation_rules_of_the_site_hold_without_a_restart_and_wrong_ones_change_nothing() throws Exception {
        enrolSmokeDetectors("Kitchen", "Hall");
        gateway.publish(Topics.CORRELATIONS, "version: 2".getBytes(StandardCharsets.UTF_8), true);
        gateway.publish(Topics.CORRELATIONS, """
                version: 3
                building: "^[^,]+"
                signs: {smoke: ["*/smoke"]}
                chattering: {raises: 2, within: 1m, quiet: 1m, remind: 15m}
                """.getBytes(StandardCharsets.UTF_8), true);
        await().atMost(30, SECONDS).until(() -> {
            // Too slow to chatter by the built-in rules.
            atMs += 40_000;
            smoke("Kitchen", 1);
            smoke("Kitchen", 0);
            return alerts.heard.stream()
                    .anyMatch(alert -> alert.said().chatter() != null
                            && alert.said().chatter().raises() == 2);
        });
        smoke("Hall", 1);
        smoke("Hall", 0);

        await().until(() -> newest("Hall").state() == AlertState.CLEARED);
        assertThat(newest("Hall").correlation())
                .as("the site has no coincidences")
                .isNull();
        assertThat(newest("Kitchen").state()).as("chatters, and stays open").isEqualTo(AlertState.ACTIVE);
    }

    private void enrolSmokeDetectors(String... rooms) throws Exception {
        gateway.publish(Topics.stateOfProfile("test-smoke"), SMOKE.getBytes(StandardCharsets.UTF_8), true);
        List<GatewayState.EnrolledDevice> devices = java.util.Arrays.stream(rooms)
                .map(room -> new GatewayState.EnrolledDevice(
                        room,
                        "test-smoke",
                        room,
                        new Place(new String[] {"district", "town", "grid-7"}, "Building 4, " + room, null, null)))
                .toList();
        gateway.publish(
                Topics.stateOfGateway(GATEWAY),
                DesiredJson.write(new GatewayState(
                        2,
                        GATEWAY,
                        "Gateway",
                        new Place(new String[] {"district"}, "Roof", null, null),
                        GatewayState.Enrolment.OPEN,
                        devices)),
                true);
        // What comes later by the same way was read after the profile and the places.
        await().atMost(30, SECONDS).until(() -> {
            atMs += 3_600_000;
            smoke(rooms[0], 1);
            smoke(rooms[0], 0);
            return alerts.heard.stream()
                    .anyMatch(alert -> alert.device().equals(rooms[0])
                            && alert.place().area().equals("grid-7"));
        });
        await().until(() -> newest(rooms[0]).state() == AlertState.CLEARED);
        atMs += 3_600_000;
        alerts.heard.clear();
    }

    private void smoke(String device, double value) throws Exception {
        atMs += 10;
        gateway.send(Lane.LIVE, TestGateway.batch(EPOCH, sequence++, device, "test-smoke", "smoke", value, atMs));
    }

    /** By its revision: this broker may hand over in another order. */
    private Alert newest(String device) {
        return alerts.heard.stream()
                .filter(alert -> alert.device().equals(device))
                .max(Comparator.comparingLong(Alert::revision))
                .orElseThrow();
    }

    private java.util.Set<String> ids() {
        return alerts.heard.stream().map(Alert::id).collect(java.util.stream.Collectors.toSet());
    }

    private void temperature(double value) throws Exception {
        temperatureOf(DEVICE, value);
    }

    private void temperatureOf(String device, double value) throws Exception {
        atMs += 10;
        gateway.send(Lane.LIVE, TestGateway.batch(EPOCH, sequence++, device, "test-heat", "temperature", value, atMs));
    }
}
