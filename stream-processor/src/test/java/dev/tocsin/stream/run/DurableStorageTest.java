package dev.tocsin.stream.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.profiles.config.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.state.CheckpointMetadataOutputStream;
import org.apache.flink.runtime.state.CheckpointStorageLoader;
import org.apache.flink.runtime.state.CheckpointStorageLocation;
import org.apache.flink.runtime.state.CheckpointedStateScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class DurableStorageTest {
    private static final List<String> FORCED = new ArrayList<>();

    @TempDir
    Path folder;

    @Test
    void a_checkpoint_is_forced_to_the_disk_when_all_of_it_is_written_and_before_anybody_hears_of_it()
            throws Exception {
        CheckpointMetadataOutputStream metadata = checkpoint(new DurableStorage(folder.toUri(), checkpoint -> {
            try (Stream<Path> files = Files.list(checkpoint)) {
                files.forEach(file ->
                        FORCED.add(file.getFileName() + " " + file.toFile().length()));
            }
        }));
        assertThat(FORCED).isEmpty();
        assertThat(metadata.closeAndFinalizeCheckpoint().getExternalPointer()).contains("chk-7");

        assertThat(FORCED).hasSize(2).contains("_metadata 4").anyMatch(file -> file.endsWith(" 100000"));
    }

    @Test
    void a_checkpoint_that_cannot_be_forced_to_the_disk_is_none() throws Exception {
        CheckpointMetadataOutputStream metadata = checkpoint(new DurableStorage(folder.toUri(), checkpoint -> {
            throw new IOException("no space");
        }));

        assertThatThrownBy(metadata::closeAndFinalizeCheckpoint).hasMessage("no space");
    }

    @Test
    void it_is_what_a_job_on_this_machine_uses() throws Exception {
        JobConfig config = JobConfig.read(new Settings(new String[0], Map.of()), 0, 0);
        Configuration flink = FlinkDefaults.ofLocalCluster(config, folder, folder);

        assertThat(CheckpointStorageLoader.fromConfig(
                        flink, getClass().getClassLoader(), LoggerFactory.getLogger(getClass())))
                .get()
                .isInstanceOfSatisfying(
                        DurableStorage.class,
                        storage -> assertThat(
                                        Path.of(storage.getCheckpointPath().toUri()))
                                .isEqualTo(folder));
        assertThat(checkpoint(DurableStorage.Factory.class
                                .getConstructor()
                                .newInstance()
                                .createFromConfig(flink, getClass().getClassLoader()))
                        .closeAndFinalizeCheckpoint()
                        .getExternalPointer())
                .contains("chk-7");
    }

    @Test
    void a_cluster_that_keeps_checkpoints_in_memory_is_refused() {
        JobConfig config = JobConfig.read(new Settings(new String[0], Map.of()), 0, 0);
        Configuration cluster = new Configuration();
        assertThatThrownBy(() -> FlinkDefaults.ofJob(config, cluster))
                .hasMessageContaining("set " + CheckpointingOptions.CHECKPOINTS_DIRECTORY.key());

        cluster.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, "s3://bucket/checkpoints");
        assertThat(FlinkDefaults.ofJob(config, cluster).get(CheckpointingOptions.CHECKPOINTING_INTERVAL))
                .isEqualTo(config.checkpointInterval());

        cluster.set(CheckpointingOptions.CHECKPOINT_STORAGE, "jobmanager");
        assertThatThrownBy(() -> FlinkDefaults.ofJob(config, cluster)).hasMessageContaining("in memory");
    }

    /** With a state too large to stand in the metadata. */
    private static CheckpointMetadataOutputStream checkpoint(DurableStorage storage) throws IOException {
        FORCED.clear();
        var access = storage.createCheckpointStorage(new JobID());
        access.initializeBaseLocationsForCheckpoint();
        CheckpointStorageLocation location = access.initializeLocationForCheckpoint(7);
        try (var state = location.createCheckpointStateOutputStream(CheckpointedStateScope.EXCLUSIVE)) {
            state.write(new byte[100_000]);
            state.closeAndGetHandle();
        }
        CheckpointMetadataOutputStream metadata = location.createMetadataOutputStream();
        metadata.write("meta".getBytes(StandardCharsets.UTF_8));
        return metadata;
    }
}
