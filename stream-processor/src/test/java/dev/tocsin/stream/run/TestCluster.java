package dev.tocsin.stream.run;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/** A Flink cluster in this JVM on which a job is run from a savepoint and stopped with one, as operators do. */
public final class TestCluster implements AutoCloseable {
    private final MiniCluster cluster;
    private final Path folder;
    private @Nullable JobID job;

    private TestCluster(MiniCluster cluster, Path folder) {
        this.cluster = cluster;
        this.folder = folder;
    }

    public static TestCluster start(JobConfig config, Path folder, int slots) throws Exception {
        MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(
                        FlinkDefaults.ofLocalCluster(config, folder.resolve("checkpoints"), folder.resolve("tmp")))
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(slots)
                .build());
        cluster.start();
        return new TestCluster(cluster, folder);
    }

    /** As {@code flink run --fromSavepoint} does; a savepoint must have no state that the job does not take. */
    public void run(JobConfig config, Consumer<StreamExecutionEnvironment> workflow, @Nullable String savepoint)
            throws Exception {
        Configuration flink =
                FlinkDefaults.ofLocalCluster(config, folder.resolve("checkpoints"), folder.resolve("tmp"));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(flink);
        workflow.accept(env);
        JobGraph graph = env.getStreamGraph().getJobGraph();
        if (savepoint != null) {
            graph.setSavepointRestoreSettings(
                    SavepointRestoreSettings.forPath(savepoint, false, RecoveryClaimMode.NO_CLAIM));
        }
        job = graph.getJobID();
        cluster.submitJob(graph).get();
    }

    /** As {@code flink stop --type canonical} does: in the form that another kind of state store can read too. */
    public String stop() throws Exception {
        String savepoint = cluster.stopWithSavepoint(
                        job, folder.resolve("savepoints").toUri().toString(), false, SavepointFormatType.CANONICAL)
                .get(60, TimeUnit.SECONDS);
        cluster.requestJobResult(job).get(60, TimeUnit.SECONDS);
        return savepoint;
    }

    @Override
    public void close() throws Exception {
        cluster.close();
    }
}
