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
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class LocalRunTest {
    @TempDir
    Path data;

    @Test
    void a_start_takes_the_newest_checkpoint_and_passes_over_what_is_incomplete_or_damaged() throws Exception {
        try (LocalRun first = start()) {
            assertThat(first.restoredFrom()).isEqualTo("none");
            await().until(() -> complete().size() >= 2);
        }
        List<Checkpoint> left = complete();
        Files.createDirectories(left.get(0).path().resolveSibling("chk-999999"));
        Files.write(left.get(0).path().resolve("_metadata"), new byte[] {1, 2, 3});

        try (LocalRun second = start()) {
            assertThat(second.restoredFrom()).isEqualTo("chk-" + left.get(1).number());
            await().until(() -> !complete().isEmpty()
                    && complete().get(0).number() > left.get(1).number());
        }
    }

    @Test
    void nothing_that_can_be_read_means_a_fresh_start() throws Exception {
        try (LocalRun first = start()) {
            await().until(() -> !complete().isEmpty());
        }
        for (Checkpoint checkpoint : complete()) {
            Files.delete(checkpoint.path().resolve("_metadata"));
        }

        try (LocalRun second = start()) {
            assertThat(second.restoredFrom()).isEqualTo("none");
        }
    }

    @Test
    void a_folder_belongs_to_one_process() throws Exception {
        try (LocalRun first = start()) {
            assertThat(first.restPort()).isPositive();
            assertThatThrownBy(this::start).isInstanceOf(IOException.class).hasMessageContaining("in use");
        }
    }

    private List<Checkpoint> complete() throws IOException {
        return CheckpointFolder.completeIn(data.resolve("checkpoints").resolve("test"));
    }

    private LocalRun start() throws Exception {
        JobConfig config = new JobConfig(
                new BrokerAccess("tcp://127.0.0.1:1", null, null),
                data,
                1,
                new Window(100, 1 << 20),
                Duration.ofMillis(50),
                Duration.ofMillis(1),
                1,
                JobConfig.StateStore.HASHMAP,
                "127.0.0.1",
                0,
                0,
                0);
        // A broker that is away fails no job, and checkpoints go on.
        MqttSource source = new MqttSource(config.broker(), "test", List.of(Feed.LIVE), 1, config.window());
        return LocalRun.start(
                "test",
                config,
                env -> env.fromSource(
                                source,
                                WatermarkStrategy.noWatermarks(),
                                "uplink",
                                TypeInformation.of(UplinkMessage.class))
                        .uid("uplink")
                        .sinkTo(new DiscardingSink<>())
                        .uid("nowhere"));
    }
}
