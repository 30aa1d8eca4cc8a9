package dev.tocsin.stream;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayStatus;
import dev.tocsin.profiles.desired.Pulse;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.stream.publish.MqttSink;
import dev.tocsin.stream.run.JobConfig;
import dev.tocsin.stream.run.JobConfig.StateStore;
import dev.tocsin.stream.run.TestCluster;
import dev.tocsin.stream.source.ConnectedSessions;
import dev.tocsin.stream.source.MqttSource;
import dev.tocsin.stream.source.Uplink;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The whole job between a real broker and a real subscriber, stopped with a savepoint and run from it: with other
 * numbers of subtasks, another kind of state store, and by a later version of the code.
 */
@Timeout(180)
class SavepointTest {
    private static final int SHARDS = 2;
    private static final int GATEWAYS = 4;
    private static final int DEVICES = 10;
    private static final int MOST_SUBTASKS = 4;
    private static final String EPOCH = "0123456789abcdef0123456789abcdef";
    /** When it all begins, event time; what a savepoint in the resources holds names its alerts by it. */
    private static final long BASE_MS = 1_790_000_000_000L;

    private static final String PROFILE = """
            id: test-room
            version: 1
            name: {en: Room, zh: Room}
            category: climate
            sources: {mqtt: ["sensors/{device}"]}
            codec: {type: senml}
            metrics:
              temperature: {unit: Cel, label: {en: Temperature, zh: Temperature}, min: -40, max: 1500}
              humidity: {unit: "%RH", label: {en: Humidity, zh: Humidity}, min: 0, max: 100}
            rules:
              - id: hot
                metric: temperature
                when: {above: 57, clear: 50}
                kind: alarm
                severity: critical
                name: {en: Hot, zh: Hot}
              - id: damp
                metric: humidity
                when: {above: 80, clear: 70}
                on-delay: 1s
                kind: trouble
                severity: minor
                name: {en: Damp, zh: Damp}
            """;

    @TempDir
    Path folder;

    private final List<TestGateway> gateways = new ArrayList<>();
    /** The next sequence of each gateway. */
    private final long[] sequence = new long[GATEWAYS];

    private TestBroker broker;
    private AlertListener alerts;
    private TestCluster cluster;

    @BeforeEach
    void start() throws Exception {
        broker = TestBroker.start(folder.resolve("broker"));
        alerts = new AlertListener(broker.access());
        for (int g = 0; g < GATEWAYS; g++) {
            gateways.add(new TestGateway(broker.access(), "gw-" + g, SHARDS));
        }
        gateways.get(0).publish(Topics.stateOfProfile("test-room"), PROFILE.getBytes(StandardCharsets.UTF_8), true);
        cluster = TestCluster.start(config(StateStore.HASHMAP, 1), folder.resolve("flink"), MOST_SUBTASKS);
    }

    @AfterEach
    void stop() throws Exception {
        cluster.close();
        for (TestGateway gateway : gateways) {
            gateway.close();
        }
        alerts.close();
        broker.close();
    }

    @ParameterizedTest
    @CsvSource({"HASHMAP, HASHMAP, HASHMAP", "ROCKSDB, ROCKSDB, ROCKSDB", "HASHMAP, ROCKSDB, HASHMAP"})
    void from_one_subtask_to_four_to_two_nothing_is_lost_and_nothing_doubled(
            StateStore one, StateStore four, StateStore two) throws Exception {
        run(one, 1, null);
        raiseAll();
        String ofOne = cluster.stop();

        run(four, 4, ofOne);
        sendWhatWasSentBefore();
        endDelays(0, GATEWAYS / 2);
        awaitPresence();
        String ofFour = cluster.stop();

        run(two, 2, ofFour);
        sendWhatWasSentBefore();
        endDelays(GATEWAYS / 2, GATEWAYS);
        clearAll();

        assertThat(courses(rule("test-room/hot")))
                .hasSize(GATEWAYS * DEVICES)
                .allSatisfy((id, course) -> assertThat(course).containsExactly("ACTIVE", "CLEARED"));
        assertThat(courses(rule("test-room/damp")))
                .hasSize(GATEWAYS * DEVICES)
                .allSatisfy((id, course) -> assertThat(course).containsExactly("ACTIVE", "CLEARED"));
        assertThat(courses(rule("gateway/presence")).values()).containsExactly(List.of("ACTIVE"));
        assertThat(alerts.heard.stream().map(alert -> alert.id() + "@" + alert.revision()))
                .doesNotHaveDuplicates();
    }

    /**
     * Stopped with a savepoint by the last version that knew nothing of correlation ("Close an alert by the one method
     * that knows how"): its alerts say nothing of others, and its matters do not chatter. To keep another, copy what
     * {@link TestCluster#stop} writes after {@link #raiseAll}.
     */
    @ParameterizedTest
    @EnumSource(StateStore.class)
    void a_version_from_before_correlation_is_followed_by_this_one(StateStore store) throws Exception {
        pretendToHaveRaisedAll();
        run(store, 2, savepoint("before-correlation"));
        sendWhatWasSentBefore();
        endDelays(0, GATEWAYS);
        awaitPresence();
        clearAll();

        assertThat(courses(rule("test-room/hot")))
                .as("what that version raised")
                .hasSize(GATEWAYS * DEVICES)
                .containsKey(Alert.idOf("test-room/hot", "d-0-0", BASE_MS))
                .allSatisfy((id, course) -> assertThat(course).containsExactly("CLEARED"));
        assertThat(courses(rule("test-room/damp")))
                .as("of which it knew that a delay ran")
                .hasSize(GATEWAYS * DEVICES)
                .allSatisfy((id, course) -> assertThat(course).containsExactly("ACTIVE", "CLEARED"));
    }

    /** One device a gateway more is hot each time, so that all that was sent before it has been judged. */
    private void raiseAll() throws Exception {
        for (int g = 0; g < GATEWAYS; g++) {
            status(g, true);
            for (int d = 0; d < DEVICES; d++) {
                send(g, device(g, d), "temperature", 60, BASE_MS);
            }
            for (int d = 0; d < DEVICES; d++) {
                send(g, device(g, d), "humidity", 90, BASE_MS);
            }
        }
        awaitCaughtUp("first");
        await().until(() -> count(rule("test-room/hot")) == GATEWAYS * DEVICES);
        // It is away when the job stops, for less than the time that makes it trouble.
        status(0, false);
        await().until(() -> broker.owed("tocsin-alarm-status-" + Topics.shardOf("gw-0", SHARDS)) == 0);
        assertThat(courses(rule("test-room/damp"))).as("their delay runs").isEmpty();
    }

    private void pretendToHaveRaisedAll() {
        for (int g = 0; g < GATEWAYS; g++) {
            sequence[g] = 2 * DEVICES + 1;
        }
    }

    /** With values that would clear everything: only the sequences tell that they are not new. */
    private void sendWhatWasSentBefore() throws Exception {
        for (int g = 0; g < GATEWAYS; g++) {
            for (int d = 0; d < DEVICES; d++) {
                gateways.get(g).send(Lane.LIVE, batch(d, device(g, d), "temperature", 20, BASE_MS + 5_000));
            }
        }
        awaitCaughtUp("again-" + sequence[0]);
        assertThat(alerts.heard).noneMatch(alert -> alert.state() == AlertState.CLEARED && isOfRoom(alert));
    }

    private void endDelays(int from, int to) throws Exception {
        int before = count(rule("test-room/damp"));
        for (int g = from; g < to; g++) {
            pulse(g, BASE_MS + 2_000);
        }
        await().atMost(60, SECONDS).until(() -> count(rule("test-room/damp")) == before + (to - from) * DEVICES);
    }

    private void awaitPresence() {
        await().atMost(60, SECONDS).until(() -> count(rule("gateway/presence")) == 1);
        assertThat(alerts.heard)
                .filteredOn(rule("gateway/presence"))
                .extracting(Alert::gateway)
                .containsExactly("gw-0");
    }

    private void clearAll() throws Exception {
        for (int g = 0; g < GATEWAYS; g++) {
            for (int d = 0; d < DEVICES; d++) {
                send(g, device(g, d), "temperature", 20, BASE_MS + 10_000);
                send(g, device(g, d), "humidity", 20, BASE_MS + 10_000);
            }
        }
        await().atMost(60, SECONDS)
                .until(() -> count(alert -> alert.state() == AlertState.CLEARED && isOfRoom(alert))
                        == 2 * GATEWAYS * DEVICES);
        assertThat(alerts.heard)
                .filteredOn(alert -> alert.state() == AlertState.CLEARED && isOfRoom(alert))
                .as("by these readings, and by none that was sent before")
                .extracting(Alert::cleared)
                .containsOnly(Instant.ofEpochMilli(BASE_MS + 10_000));
    }

    /** Of each gateway a device that is hot at last: by then what the gateway sent before has been decoded. */
    private void awaitCaughtUp(String name) throws Exception {
        for (int g = 0; g < GATEWAYS; g++) {
            send(g, "last-" + name + "-" + g, "temperature", 60, BASE_MS);
        }
        await().atMost(60, SECONDS).until(() -> count(alert -> alert.device().startsWith("last-" + name)) == GATEWAYS);
    }

    private void run(StateStore store, int subtasks, String savepoint) throws Exception {
        JobConfig config = config(store, subtasks);
        MqttSource source = new MqttSource(broker.access(), AlarmJob.NAME, AlarmJob.FEEDS, SHARDS, config.window());
        MqttSink sink = new MqttSink(broker.access(), "tocsin-alarm-publisher");
        cluster.run(config, env -> AlarmJob.defineWorkflow(env, new Uplink(source), SHARDS, sink), savepoint);
        await().atMost(60, SECONDS).until(() -> ConnectedSessions.all(source));
    }

    private JobConfig config(StateStore store, int subtasks) {
        return broker.job(folder.resolve("flink"), SHARDS, Duration.ofMillis(200), subtasks, store, 0);
    }

    private String savepoint(String name) throws URISyntaxException {
        return getClass().getResource("/savepoints/" + name).toURI().toString();
    }

    private void send(int gateway, String device, String metric, double value, long atMs) throws Exception {
        gateways.get(gateway).send(Lane.LIVE, batch(sequence[gateway]++, device, metric, value, atMs));
    }

    private static byte[] batch(long sequence, String device, String metric, double value, long atMs) {
        return TestGateway.batch(EPOCH, sequence, device, "test-room", metric, value, atMs);
    }

    private void pulse(int gateway, long sentMs) throws Exception {
        byte[] beat =
                TestGateway.batch(EPOCH, sequence[gateway]++, "gw-" + gateway, Pulse.PROFILE, Pulse.METRIC, 1, sentMs);
        gateways.get(gateway).send(Lane.LIVE, beat);
    }

    private void status(int gateway, boolean online) throws Exception {
        String id = "gw-" + gateway;
        Instant since = online ? Instant.ofEpochMilli(BASE_MS) : null;
        gateways.get(gateway)
                .send(Lane.STATUS, DesiredJson.write(new GatewayStatus(id, online, since, null, null, 0, true)));
    }

    private static String device(int gateway, int number) {
        return "d-" + gateway + "-" + number;
    }

    private static Predicate<Alert> rule(String id) {
        return alert -> alert.rule().equals(id) && !alert.device().startsWith("last-");
    }

    private static boolean isOfRoom(Alert alert) {
        return alert.rule().startsWith("test-room/");
    }

    private int count(Predicate<Alert> which) {
        return (int) alerts.heard.stream().filter(which).count();
    }

    /** By id the states in the order in which they were published. */
    private Map<String, List<String>> courses(Predicate<Alert> which) {
        Map<String, List<String>> courses = new TreeMap<>();
        for (Alert alert : alerts.heard) {
            if (which.test(alert)) {
                courses.computeIfAbsent(alert.id(), id -> new ArrayList<>())
                        .add(alert.state().name());
            }
        }
        return courses;
    }
}
