package dev.tocsin.stream;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.config.Settings;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.profiles.wire.UplinkCodec;
import dev.tocsin.stream.archive.ArchiveSettings;
import dev.tocsin.stream.archive.Given;
import dev.tocsin.stream.publish.MqttSink;
import dev.tocsin.stream.run.JobConfig;
import dev.tocsin.stream.run.LocalRun;
import dev.tocsin.stream.source.Feed;
import dev.tocsin.stream.source.MqttSource;
import dev.tocsin.stream.source.Uplink;
import dev.tocsin.stream.source.kafka.KafkaUplink;
import dev.tocsin.stream.store.Database;
import dev.tocsin.stream.store.Rows;
import dev.tocsin.stream.store.TestServer;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Both jobs between a real broker, a real Kafka beside it and a real PostgreSQL. */
@Timeout(180)
class KafkaTest {
    private static final int SHARDS = 2;
    private static final long BATCH = 100;
    private static final String EPOCH = "0123456789abcdef0123456789abcdef";

    private static final String PROFILE = """
            id: test-room
            version: 1
            name: {en: Room, zh: Room}
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

    @TempDir
    private Path folder;

    private Database database;
    private TestBroker broker;
    private TestGateway gateway;
    private TestKafka kafka;
    private int metricsPort;
    private LocalRun run;

    @BeforeEach
    void start() throws Exception {
        database = TestServer.PLAIN.migrated();
        broker = TestBroker.start(folder.resolve("broker"));
        gateway = new TestGateway(broker.access(), "gw-1", SHARDS);
        kafka = new TestKafka(folder.resolve("kafka"));
        try (ServerSocket free = new ServerSocket(0)) {
            metricsPort = free.getLocalPort();
        }
    }

    @AfterEach
    void stop() throws Exception {
        // A job stops in its time also while Kafka is away.
        kafka.close();
        run.close();
        gateway.close();
        broker.close();
    }

    @Test
    void whatComesByEitherWayIsStoredOnceHoweverLongKafkaIsAway() throws Exception {
        startJob(kafka.servers());
        gateway.send(Lane.LIVE, batch(1));
        awaitStored(1);

        kafka.start();
        kafka.send(key("gw-1", Lane.LIVE), batch(101));
        gateway.send(Lane.LIVE, batch(101));
        kafka.send(key("gw-1", Lane.BACKLOG), batch(201));
        kafka.send(key("gw-1", Lane.LIVE), batch(1));
        awaitStored(3);

        kafka.send(null, batch(301));
        kafka.send("\"tocsin/v1/up/0/gw-1/live\"".getBytes(StandardCharsets.UTF_8), batch(301));
        kafka.send("tocsin/v1/up/0//live".getBytes(StandardCharsets.UTF_8), batch(301));
        kafka.send(key("gw-1", Lane.STATUS), batch(301));
        await().atMost(30, SECONDS).until(() -> metric("kafkaKeysBad") == 3);

        kafka.kill();
        gateway.send(Lane.LIVE, batch(301));
        awaitStored(4);

        kafka.start();
        kafka.send(key("gw-1", Lane.LIVE), batch(401));
        kafka.send(key("gw-1", Lane.LIVE), new byte[] {1, 2, 3});
        awaitStored(5);
        await().atMost(30, SECONDS)
                .untilAsserted(() -> assertThat(Rows.of(database, "select gateway, reason from sensing.rejected"))
                        .containsExactly(List.of("gw-1", "BAD_BATCH")));
        assertThat(Rows.of(database, "select held::text from sensing.ledger")).containsExactly(List.of("{[1,501)}"));
        assertThat(metric("kafkaKeysBad")).isEqualTo(3);
    }

    @Test
    void fromOneStartToTheNextKafkaMayBeAddedLeftOutOrNotFound() throws Exception {
        kafka.start();
        kafka.send(key("gw-1", Lane.LIVE), batch(1));
        startJob(kafka.servers());
        awaitStored(1);
        await().atMost(30, SECONDS).until(() -> {
            // What is to be committed waits for the next record to come, or for 10 s.
            kafka.send(key("gw-1", Lane.LIVE), batch(1));
            return kafka.committed("tocsin-archive") > 0;
        });
        run.close();

        restartJob("nowhere.invalid:9092");
        gateway.send(Lane.LIVE, batch(101));
        awaitStored(2);
        await().atMost(30, SECONDS).until(() -> metric("kafkaReadersFailed") > 0);
        run.close();

        kafka.send(key("gw-1", Lane.LIVE), batch(201));
        restartJob(kafka.servers());
        awaitStored(3);
        run.close();

        kafka.send(key("gw-1", Lane.LIVE), batch(301));
        restartJob(null);
        gateway.send(Lane.LIVE, batch(401));
        awaitStored(4);
        run.close();

        restartJob(kafka.servers());
        awaitStored(5);
        assertThat(Rows.of(database, "select held::text from sensing.ledger")).containsExactly(List.of("{[1,501)}"));
    }

    @Test
    void whatTheAlarmJobReadsByEitherWayIsOneAlert() throws Exception {
        gateway.publish(Topics.stateOfProfile("test-room"), PROFILE.getBytes(StandardCharsets.UTF_8), true);
        kafka.start();
        try (AlertListener alerts = new AlertListener(broker.access())) {
            MqttSource source = source(AlarmJob.NAME, AlarmJob.FEEDS);
            Uplink uplink = new Uplink(source, configured(kafka.servers(), AlarmJob.NAME, AlarmJob.FEEDS));
            MqttSink sink = new MqttSink(broker.access(), "tocsin-alarm-publisher");
            run = LocalRun.start(AlarmJob.NAME, config(), env -> AlarmJob.defineWorkflow(env, uplink, SHARDS, sink));
            run.awaitConnected(source);

            kafka.send(key("gw-1", Lane.LIVE), temperature(1, 60));
            await().atMost(30, SECONDS).until(() -> alerts.heard.size() == 1);
            gateway.send(Lane.LIVE, temperature(1, 60));
            gateway.send(Lane.LIVE, temperature(2, 61));
            kafka.send(key("gw-1", Lane.LIVE), temperature(2, 61));
            kafka.send(key("gw-1", Lane.LIVE), temperature(3, 20));
            await().atMost(30, SECONDS)
                    .until(() -> alerts.heard.stream().anyMatch(alert -> alert.state() == AlertState.CLEARED));
            assertThat(alerts.heard)
                    .extracting(Alert::id)
                    .containsOnly(alerts.heard.get(0).id());

            Alert ofAgent = Given.alert("a-1", 10);
            kafka.send(key("gw-1", Lane.ALERT), AlertJson.write(ofAgent));
            await().atMost(30, SECONDS)
                    .until(() ->
                            alerts.heard.stream().anyMatch(alert -> alert.id().equals("a-1")));
        }
    }

    private void restartJob(@Nullable String servers) throws Exception {
        startJob(servers);
        assertThat(run.restoredFrom()).isNotEqualTo("none");
    }

    private void startJob(@Nullable String servers) throws Exception {
        MqttSource source = source(ArchiveJob.NAME, ArchiveJob.FEEDS);
        Uplink uplink = servers == null
                ? new Uplink(source)
                : new Uplink(source, configured(servers, ArchiveJob.NAME, ArchiveJob.FEEDS));
        var sinks = ArchiveJob.Sinks.into(database, ArchiveSettings.DEFAULT);
        run = LocalRun.start(ArchiveJob.NAME, config(), env -> ArchiveJob.defineWorkflow(env, uplink, sinks));
        run.awaitConnected(source);
    }

    private MqttSource source(String job, List<Feed> feeds) {
        return new MqttSource(broker.access(), job, feeds, SHARDS, config().window());
    }

    private JobConfig config() {
        return broker.job(
                folder.resolve("data"), SHARDS, Duration.ofMillis(100), 2, JobConfig.StateStore.HASHMAP, metricsPort);
    }

    private KafkaUplink configured(String servers, String job, List<Feed> feeds) throws Exception {
        Path client = Files.writeString(folder.resolve("kafka.properties"), "reconnect.backoff.max.ms=200");
        Settings settings = new Settings(
                new String[] {
                    "--kafka.bootstrap-servers=" + servers,
                    "--kafka.topics=uplink",
                    "--kafka.discovery-interval-ms=300",
                    "--kafka.properties=" + client
                },
                Map.of());
        KafkaUplink uplink = KafkaUplink.read(settings, job, feeds);
        settings.finish();
        return uplink;
    }

    private void awaitStored(int batches) {
        await().atMost(60, SECONDS)
                .until(() -> Rows.number(database, "select count(*) from sensing.reading") == batches * BATCH);
    }

    /** Of all subtasks. */
    private long metric(String name) throws Exception {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + metricsPort + "/metrics"))
                .build();
        return HttpClient.newHttpClient()
                .send(request, BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.matches("flink_\\w+_" + name + "\\{.*"))
                .mapToLong(line -> (long) Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }

    private static byte[] key(String gateway, Lane lane) {
        return Topics.up(Topics.shardOf(gateway, SHARDS), gateway, lane).getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] batch(long firstSequence) {
        return UplinkCodec.encodeBatch(
                EPOCH, List.of(), List.of(UplinkCodec.encodeBlock(List.of(Given.readings("dev-1", firstSequence, (int)
                        BATCH)))));
    }

    private static byte[] temperature(long sequence, double value) {
        long atMs = 1_790_000_000_000L + sequence * 1_000;
        return TestGateway.batch(EPOCH, sequence, "d-1", "test-room", "temperature", value, atMs);
    }
}
