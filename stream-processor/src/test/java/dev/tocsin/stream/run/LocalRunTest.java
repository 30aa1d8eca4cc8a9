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
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
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
    void a_run_that_began_from_an_older_checkpoint_comes_after_the_one_that_went_further() throws Exception {
        try (LocalRun first = start()) {
            await().until(() -> complete().size() == 3);
        }
        List<Checkpoint> left = complete();
        damage(left.get(0));
        damage(left.get(1));
        try (LocalRun second = start()) {
            assertThat(second.restoredFrom()).isEqualTo("chk-" + left.get(2).number());
            await().until(() -> !complete().isEmpty()
                    && complete().get(0).run() > left.get(0).run());
        }
        // The first run's were numbered as high, or higher.
        Checkpoint newest = complete().get(0);
        assertThat(data.resolve("checkpoints/test/refused")).isDirectoryRecursivelyContaining("glob:**/_metadata");

        try (LocalRun third = start()) {
            assertThat(third.restoredFrom()).isEqualTo("chk-" + newest.number());
        }
    }

    @Test
    void checkpoints_none_of_which_can_be_restored_are_left_alone_and_the_start_fails_unless_it_may_be_empty()
            throws Exception {
        try (LocalRun first = start()) {
            await().until(() -> complete().size() == 3);
        }
        List<Checkpoint> left = complete();
        for (Checkpoint checkpoint : left) {
            damage(checkpoint);
        }

        assertThatThrownBy(this::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("--checkpoint.start-empty=true");
        assertThat(left).allSatisfy(checkpoint -> assertThat(checkpoint.path()).exists());
        try (LocalRun empty = start(true, false)) {
            assertThat(empty.restoredFrom()).isEqualTo("none");
            await().until(() -> !complete().isEmpty());
        }
        try (LocalRun after = start()) {
            assertThat(after.restoredFrom()).isNotEqualTo("none");
        }
    }

    @Test
    void what_hinders_a_start_from_whatever_checkpoint_costs_none_of_them() throws Exception {
        try (LocalRun first = start()) {
            await().until(() -> complete().size() == 3);
        }
        List<Checkpoint> left = complete();

        assertThatThrownBy(() -> start(false, true)).hasMessageContaining("can be restored");
        assertThat(complete()).isEqualTo(left);
        try (LocalRun third = start()) {
            assertThat(third.restoredFrom()).isEqualTo("chk-" + left.get(0).number());
        }
    }

    @Test
    void a_run_that_was_killed_before_its_first_checkpoint_hinders_nobody() throws Exception {
        Files.createDirectories(data.resolve("checkpoints/test/0123456789abcdef0123456789abcdef/chk-1"));
        try (LocalRun run = start()) {
            assertThat(run.restoredFrom()).isEqualTo("none");
        }
    }

    private static void damage(Checkpoint checkpoint) throws IOException {
        Files.write(checkpoint.path().resolve("_metadata"), new byte[] {1, 2, 3});
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
        return start(false, false);
    }

    /** @param broken whether no task of the job can begin */
    private LocalRun start(boolean startEmpty, boolean broken) throws Exception {
        JobConfig config = new JobConfig(
                new BrokerAccess("tcp://127.0.0.1:1", null, null),
                data,
                1,
                new Window(100, 1 << 20),
                Duration.ofMillis(50),
                Duration.ofMillis(1),
                1,
                JobConfig.StateStore.HASHMAP,
                startEmpty,
                null,
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
                        .map(new Breakable(broken))
                        .uid("breakable")
                        .sinkTo(new DiscardingSink<>())
                        .uid("nowhere"));
    }

    private static final class Breakable extends RichMapFunction<UplinkMessage, UplinkMessage> {
        private final boolean broken;

        Breakable(boolean broken) {
            this.broken = broken;
        }

        @Override
        public void open(OpenContext context) {
            if (broken) {
                throw new IllegalStateException("broken");
            }
        }

        @Override
        public UplinkMessage map(UplinkMessage message) {
            return message;
        }
    }
}
