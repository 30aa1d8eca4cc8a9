package dev.tocsin.stream;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.profiles.wire.UplinkCodec;
import dev.tocsin.stream.archive.ArchiveSettings;
import dev.tocsin.stream.archive.Given;
import dev.tocsin.stream.run.JobConfig;
import dev.tocsin.stream.run.LocalRun;
import dev.tocsin.stream.source.MqttSource;
import dev.tocsin.stream.source.Uplink;
import dev.tocsin.stream.store.Database;
import dev.tocsin.stream.store.KillableServer;
import dev.tocsin.stream.store.Rows;
import dev.tocsin.stream.store.SensingSchema;
import dev.tocsin.stream.store.StoreSettings;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole job between a real broker and a real PostgreSQL, on a cluster in this JVM. */
@Timeout(180)
class ArchiveJobTest {
    private static final int SHARDS = 2;
    private static final long BATCH = 100;
    private static final String EPOCH = "0123456789abcdef0123456789abcdef";

    @TempDir
    private Path folder;

    private KillableServer server;
    private Database database;
    private TestBroker broker;
    private TestGateway gateway;
    private LocalRun run;

    @BeforeEach
    void start() throws Exception {
        server = new KillableServer(folder.resolve("pg"));
        database = server.database();
        SensingSchema.migrate(database, StoreSettings.DEFAULT);
        broker = TestBroker.start(folder.resolve("broker"));
        gateway = new TestGateway(broker.access(), "gw-1", SHARDS);
        startJob();
    }

    private void startJob() throws Exception {
        JobConfig config =
                broker.job(folder.resolve("data"), SHARDS, Duration.ofMillis(100), 2, JobConfig.StateStore.HASHMAP, 0);
        MqttSource source = new MqttSource(broker.access(), ArchiveJob.NAME, ArchiveJob.FEEDS, SHARDS, config.window());
        var sinks = ArchiveJob.Sinks.into(database, ArchiveSettings.DEFAULT);
        run = LocalRun.start(ArchiveJob.NAME, config, env -> ArchiveJob.defineWorkflow(env, new Uplink(source), sinks));
        run.awaitConnected(source);
    }

    @AfterEach
    void stop() throws Exception {
        run.close();
        gateway.close();
        broker.close();
        server.close();
    }

    @Test
    void readingsOfBothLanesAlertsAndRejectedInputBecomeRowsEachOnce() throws Exception {
        gateway.send(Lane.LIVE, batch(1));
        gateway.send(Lane.BACKLOG, batch(1 + BATCH / 2));
        gateway.send(Lane.LIVE, batch(1));
        gateway.send(Lane.LIVE, new byte[] {1, 2, 3});
        gateway.send(Lane.REJECTED, DesiredJson.write(Given.rejected("r-1", "dev-1", Instant.EPOCH)));
        gateway.send(Lane.REJECTED, "{}".getBytes(StandardCharsets.UTF_8));
        var raised = Given.alert("a-1", 10);
        String topic = Topics.alert(List.of("district", "town-1"), raised.id());
        gateway.publish(topic, AlertJson.write(Given.cleared(raised, 20)), false);
        gateway.publish(topic, AlertJson.write(raised), false);
        gateway.publish(topic, "no alert".getBytes(StandardCharsets.UTF_8), false);

        await().atMost(30, SECONDS).untilAsserted(() -> {
            assertThat(Rows.of(database, "select count(*), count(distinct value) from sensing.reading"))
                    .containsExactly(List.of(150L, 150L));
            assertThat(Rows.of(database, "select id, revision from sensing.alert"))
                    .containsExactly(List.of("a-1", 20L));
            assertThat(Rows.of(database, "select gateway, reason, count(*) from sensing.rejected group by 1, 2"))
                    .containsExactlyInAnyOrder(
                            List.of("gw-1", "BAD_BATCH", 1L),
                            List.of("gw-1", "MALFORMED", 2L),
                            List.of("", "MALFORMED", 1L));
        });
    }

    @Test
    void theSitesProfilesAreKnownToTheStoreAndOneThatCannotBeReadIsRejectedInput() throws Exception {
        String profile = """
                {"id": "pump", "version": 3, "name": {"en": "Pump", "zh": "泵"}, "category": "water",
                 "report": {"interval": "90s"}, "codec": {"type": "senml"},
                 "metrics": {"level": {"unit": "m", "label": {"en": "Level", "zh": "水位"}, "min": 0, "max": 10}}}""";
        gateway.publish(Topics.stateOfProfile("pump"), profile.getBytes(StandardCharsets.UTF_8), true);
        gateway.publish(Topics.stateOfProfile("lamp"), profile.getBytes(StandardCharsets.UTF_8), true);
        gateway.publish(Topics.stateOfRules("night"), "{}".getBytes(StandardCharsets.UTF_8), true);

        await().atMost(30, SECONDS).untilAsserted(() -> {
            assertThat(Rows.of(database, "select id, version, report_interval_ms from sensing.profile where site"))
                    .containsExactly(List.of("pump", 3, 90_000L));
            assertThat(Rows.of(database, "select reason, detail from sensing.rejected"))
                    .containsExactly(List.of("MALFORMED", Topics.stateOfProfile("lamp") + " brings the profile pump"));
        });

        gateway.publish(Topics.stateOfProfile("pump"), new byte[0], true);
        await().atMost(30, SECONDS)
                .until(() -> Rows.number(database, "select count(*) from sensing.profile where site") == 0);
    }

    @Test
    void whatComesWhileTheStoreIsAwayAndTheJobIsRestartedIsStoredOnce() throws Exception {
        int batches = 60;
        for (int i = 0; i < batches; i++) {
            if (i == 20) {
                await().atMost(30, SECONDS).until(() -> stored() >= 10 * BATCH);
                server.kill();
            }
            if (i == 40) {
                run.close();
                server.start();
                startJob();
            }
            gateway.send(i % 3 == 0 ? Lane.BACKLOG : Lane.LIVE, batch(1 + i * BATCH));
        }

        await().atMost(60, SECONDS).until(() -> stored() == batches * BATCH);
        assertThat(Rows.of(
                        database,
                        "select count(distinct value), min(value)::int8, max(value)::int8" + " from sensing.reading"))
                .containsExactly(List.of(batches * BATCH, 1L, batches * BATCH));
        assertThat(Rows.of(database, "select held::text from sensing.ledger"))
                .containsExactly(List.of("{[1," + (batches * BATCH + 1) + ")}"));
    }

    private long stored() throws Exception {
        return Rows.number(database, "select count(*) from sensing.reading");
    }

    private static byte[] batch(long firstSequence) {
        return UplinkCodec.encodeBatch(
                EPOCH, List.of(), List.of(UplinkCodec.encodeBlock(List.of(Given.readings("dev-1", firstSequence, (int)
                        BATCH)))));
    }
}
