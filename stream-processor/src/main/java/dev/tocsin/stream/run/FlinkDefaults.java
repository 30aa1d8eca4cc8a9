package dev.tocsin.stream.run;

import java.nio.file.Path;
import java.time.Duration;
import org.apache.flink.configuration.BlobServerOptions;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.JobManagerOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.MetricOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;

/** Flink's options as our jobs need them. */
final class FlinkDefaults {
    /** Key groups: fixed for the life of the state, so that it can be spread over as many subtasks later. */
    private static final int MAX_PARALLELISM = 128;

    private static final int CHECKPOINTS_KEPT = 3;
    private static final Duration RESTART_DELAY = Duration.ofMillis(500);

    private FlinkDefaults() {}

    /** What the job is, wherever it runs. */
    static Configuration ofJob(JobConfig config) {
        Configuration flink = new Configuration();
        // A type that falls to Kryo stops the build of the job, not its performance or its upgrade.
        flink.set(PipelineOptions.GENERIC_TYPES, false);
        flink.set(PipelineOptions.OBJECT_REUSE, true);
        flink.set(PipelineOptions.MAX_PARALLELISM, MAX_PARALLELISM);
        flink.set(CoreOptions.DEFAULT_PARALLELISM, config.parallelism());
        flink.set(ExecutionOptions.BUFFER_TIMEOUT, config.bufferTimeout());
        flink.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, config.checkpointInterval());
        flink.set(CheckpointingOptions.ENABLE_UNALIGNED, false);
        // A checkpoint that cannot be made leaves messages un-acknowledged, which is safe; a failed job is not.
        flink.set(CheckpointingOptions.TOLERABLE_FAILURE_NUMBER, Integer.MAX_VALUE);
        flink.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        flink.set(CheckpointingOptions.MAX_RETAINED_CHECKPOINTS, CHECKPOINTS_KEPT);
        flink.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        flink.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, Integer.MAX_VALUE);
        flink.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, RESTART_DELAY);
        flink.set(StateBackendOptions.STATE_BACKEND, config.stateStore().flinkName());
        return flink;
    }

    /**
     * The same, less what the cluster's own configuration has already decided.
     *
     * @throws IllegalStateException when the cluster would keep checkpoints in the memory of its job manager: messages
     *     would be acknowledged that nothing but that memory knows
     */
    static Configuration ofJob(JobConfig config, ReadableConfig cluster) {
        if (cluster.getOptional(CheckpointingOptions.CHECKPOINTS_DIRECTORY).isEmpty()
                || cluster.getOptional(CheckpointingOptions.CHECKPOINT_STORAGE)
                        .filter(storage -> storage.equals("jobmanager"))
                        .isPresent()) {
            throw new IllegalStateException("the cluster keeps checkpoints in memory: set "
                    + CheckpointingOptions.CHECKPOINTS_DIRECTORY.key()
                    + " in its configuration to a folder that outlives it and that every process of it reaches");
        }
        Configuration flink = ofJob(config);
        if (cluster.getOptional(StateBackendOptions.STATE_BACKEND).isPresent()) {
            flink.removeConfig(StateBackendOptions.STATE_BACKEND);
        }
        if (cluster.getOptional(CoreOptions.DEFAULT_PARALLELISM).isPresent()) {
            flink.removeConfig(CoreOptions.DEFAULT_PARALLELISM);
        }
        if (cluster.getOptional(CheckpointingOptions.CHECKPOINTING_INTERVAL).isPresent()) {
            flink.removeConfig(CheckpointingOptions.CHECKPOINTING_INTERVAL);
        }
        return flink;
    }

    /** With what a cluster inside this JVM needs: ports on {@code bindHost} only. */
    static Configuration ofLocalCluster(JobConfig config, Path checkpoints, Path temporary) {
        Configuration flink = ofJob(config);
        bindTo(config.bindHost(), flink);
        flink.set(RestOptions.PORT, config.restPort());
        flink.set(RestOptions.BIND_PORT, Integer.toString(config.restPort()));
        flink.set(BlobServerOptions.PORT, Integer.toString(config.blobPort()));
        flink.set(WebOptions.SUBMIT_ENABLE, false);
        flink.set(WebOptions.CANCEL_ENABLE, false);
        flink.set(CoreOptions.TMP_DIRS, temporary.toString());
        flink.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(32));
        flink.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(32));
        flink.set(CheckpointingOptions.CHECKPOINT_STORAGE, DurableStorage.Factory.class.getName());
        flink.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY, checkpoints.toUri().toString());
        flink.set(MetricOptions.REPORTERS_LIST, LoopbackMetricsFactory.NAME);
        flink.setString(LoopbackMetricsFactory.option("factory.class"), LoopbackMetricsFactory.class.getName());
        flink.setString(LoopbackMetricsFactory.option("host"), config.bindHost());
        flink.setString(LoopbackMetricsFactory.option("port"), Integer.toString(config.metricsPort()));
        return flink;
    }

    /** What a job without checkpoints needs on a cluster inside this JVM: free ports on this machine's own address. */
    static Configuration ofBoundedRun() {
        Configuration flink = new Configuration();
        flink.set(PipelineOptions.GENERIC_TYPES, false);
        flink.set(PipelineOptions.OBJECT_REUSE, true);
        flink.set(RestartStrategyOptions.RESTART_STRATEGY, "disable");
        bindTo("127.0.0.1", flink);
        flink.set(RestOptions.BIND_PORT, "0");
        flink.set(TaskManagerOptions.NETWORK_MEMORY_MAX, MemorySize.ofMebiBytes(32));
        flink.set(TaskManagerOptions.NETWORK_MEMORY_MIN, MemorySize.ofMebiBytes(32));
        return flink;
    }

    private static void bindTo(String host, Configuration flink) {
        flink.set(JobManagerOptions.ADDRESS, host);
        flink.set(JobManagerOptions.BIND_HOST, host);
        flink.set(TaskManagerOptions.HOST, host);
        flink.set(TaskManagerOptions.BIND_HOST, host);
        flink.set(RestOptions.ADDRESS, host);
        flink.set(RestOptions.BIND_ADDRESS, host);
    }
}
