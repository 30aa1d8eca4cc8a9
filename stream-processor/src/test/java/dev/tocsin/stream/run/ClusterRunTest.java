package dev.tocsin.stream.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tocsin.stream.broker.BrokerAccess;
import dev.tocsin.stream.run.CheckpointFolder.Checkpoint;
import dev.tocsin.stream.source.Feed;
import dev.tocsin.stream.source.MqttSource;
import dev.tocsin.stream.source.UplinkMessage;
import dev.tocsin.stream.source.reader.Window;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.runtime.client.JobStatusMessage;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ClusterRunTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final int KEPT = 3;

    @TempDir
    Path folder;

    private MiniCluster cluster;
    private final List<Thread> keepers = new ArrayList<>();

    @BeforeEach
    void startACluster() throws Exception {
        Configuration flink = new Configuration();
        flink.set(RestOptions.BIND_ADDRESS, "127.0.0.1");
        flink.set(RestOptions.BIND_PORT, "0");
        // The JobManager goes by its own configuration here, not by the job's.
        flink.set(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS, KEPT);
        cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(flink)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(1)
                .setCommonBindAddress("127.0.0.1")
                .build());
        cluster.start();
        configure(folder.toUri().resolve("checkpoints").toString());
    }

    @AfterEach
    void stopAll() throws Exception {
        for (Thread keeper : keepers) {
            stop(keeper);
        }
        cluster.close();
    }

    @Test
    void a_job_that_the_cluster_does_not_know_is_submitted_from_its_newest_checkpoint() throws Exception {
        keep();
        await().atMost(SOON).until(() -> complete().size() >= KEPT);
        JobID first = running().get(0);
        cluster.cancelJob(first).get();
        cluster.requestJobResult(first).get();
        Checkpoint newest = complete().get(0);

        await().atMost(SOON).until(() -> !running().isEmpty() && !running().contains(first));
        await().atMost(SOON).until(() -> complete().get(0).run() > newest.run());
        // Numbers go on from the checkpoint that a run began with.
        assertThat(complete().get(0).number()).isGreaterThan(newest.number());
        assertThat(running()).hasSize(1);
    }

    @Test
    void a_job_outlives_its_keeper_and_the_next_one_takes_it_over() throws Exception {
        Thread keeper = keep();
        await().atMost(SOON).until(() -> !complete().isEmpty());
        List<JobID> before = running();
        stop(keeper);
        assertThat(running()).isEqualTo(before);

        keep();
        cluster.cancelJob(before.get(0)).get();
        await().atMost(SOON).until(() -> !running().isEmpty() && !running().equals(before));
    }

    @Test
    void a_second_keeper_of_the_same_job_is_refused() throws Exception {
        keep();
        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("in use by another");
    }

    @Test
    void checkpoints_that_are_not_on_this_machine_are_left_to_flinks_own_high_availability() throws Exception {
        configure("s3://bucket/checkpoints");
        assertThatThrownBy(this::open)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("s3://bucket/checkpoints")
                .hasMessageContaining("high availability");
    }

    private void configure(String checkpoints) throws Exception {
        Files.writeString(folder.resolve("config.yaml"), """
                rest.address: 127.0.0.1
                rest.port: %d
                heartbeat.interval: 100 ms
                heartbeat.timeout: 500 ms
                execution.checkpointing.dir: %s
                """.formatted(
                        cluster.getRestAddress().get().getPort(), checkpoints));
    }

    private ClusterRun open() throws Exception {
        // A broker that is away fails no job, and checkpoints go on.
        MqttSource source = new MqttSource(
                new BrokerAccess("tcp://127.0.0.1:1", null, null),
                "test",
                List.of(Feed.LIVE),
                1,
                new Window(100, 1 << 20));
        JobConfig config = new JobConfig(
                source.broker(),
                folder,
                1,
                source.window(),
                Duration.ofMillis(50),
                Duration.ofMillis(1),
                1,
                JobConfig.StateStore.HASHMAP,
                false,
                folder,
                "127.0.0.1",
                0,
                0,
                0);
        return ClusterRun.open(
                "test",
                config,
                folder,
                env -> env.fromSource(
                                source,
                                WatermarkStrategy.noWatermarks(),
                                "uplink",
                                TypeInformation.of(UplinkMessage.class))
                        .uid("uplink")
                        .sinkTo(new DiscardingSink<>())
                        .uid("nowhere"));
    }

    private Thread keep() throws Exception {
        ClusterRun run = open();
        Thread keeper = new Thread(() -> {
            try (run) {
                run.keep();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        keepers.add(keeper);
        keeper.start();
        return keeper;
    }

    private static void stop(Thread keeper) throws InterruptedException {
        keeper.interrupt();
        keeper.join();
    }

    private List<JobID> running() throws Exception {
        return cluster.listJobs().get().stream()
                .filter(job -> job.getJobState() == JobStatus.RUNNING)
                .map(JobStatusMessage::getJobId)
                .toList();
    }

    private List<Checkpoint> complete() throws IOException {
        return CheckpointFolder.completeIn(folder.resolve("checkpoints").resolve("test"));
    }
}
