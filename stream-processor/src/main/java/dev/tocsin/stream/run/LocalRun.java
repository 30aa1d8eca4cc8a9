package dev.tocsin.stream.run;

import dev.tocsin.stream.run.CheckpointFolder.Checkpoint;
import dev.tocsin.stream.source.ConnectedSessions;
import dev.tocsin.stream.source.MqttSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.minicluster.RpcServiceSharing;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One job on a cluster of its own inside this JVM, begun from the newest checkpoint of its folder that can be restored.
 */
public final class LocalRun implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalRun.class);
    private static final long POLL_MS = 20;
    /** Leaves room for the rest within the 5 s that a stop may take. */
    private static final long STOP_MS = 2_000;

    private final CheckpointFolder folder;
    private final MiniCluster cluster;
    private final JobID job;
    private final @Nullable Checkpoint restored;
    private boolean stopped;

    private LocalRun(CheckpointFolder folder, MiniCluster cluster, JobID job, @Nullable Checkpoint restored) {
        this.folder = folder;
        this.cluster = cluster;
        this.job = job;
        this.restored = restored;
    }

    /**
     * Starts the job and returns when all its tasks run.
     *
     * @param name of the job, {@code alarm} or {@code archive}; names its checkpoint folder too
     */
    public static LocalRun start(String name, JobConfig config, Consumer<StreamExecutionEnvironment> workflow)
            throws Exception {
        CheckpointFolder folder = CheckpointFolder.open(
                config.data().toAbsolutePath().resolve("checkpoints").resolve(name));
        Path temporary = config.data().toAbsolutePath().resolve("tmp").resolve(name);
        Files.createDirectories(temporary);
        Configuration flink = FlinkDefaults.ofLocalCluster(config, folder.path(), temporary);
        MiniCluster cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(flink)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(config.parallelism())
                .setCommonBindAddress(config.bindHost())
                .setRpcServiceSharing(RpcServiceSharing.SHARED)
                .build());
        try {
            cluster.start();
            return restore(name, flink, workflow, folder, cluster);
        } catch (Exception e) {
            cluster.closeAsync().get(STOP_MS, TimeUnit.MILLISECONDS);
            folder.close();
            throw e;
        }
    }

    private static LocalRun restore(
            String name,
            Configuration flink,
            Consumer<StreamExecutionEnvironment> workflow,
            CheckpointFolder folder,
            MiniCluster cluster)
            throws Exception {
        List<Checkpoint> complete = CheckpointFolder.completeIn(folder.path());
        folder.tidy(complete);
        List<@Nullable Checkpoint> candidates = new ArrayList<>(complete);
        candidates.add(null);
        for (Checkpoint from : candidates) {
            JobGraph graph = graph(name, flink, workflow, from);
            cluster.submitJob(graph).get();
            if (runs(cluster, graph.getJobID())) {
                return new LocalRun(folder, cluster, graph.getJobID(), from);
            }
            if (from == null) {
                throw new IllegalStateException("the job does not start: " + cause(cluster, graph.getJobID()));
            }
            LOG.error(
                    "{} cannot be restored, taking the one before: {}", from.path(), cause(cluster, graph.getJobID()));
            cancel(cluster, graph.getJobID());
        }
        throw new IllegalStateException("no candidate was tried");
    }

    private static JobGraph graph(
            String name,
            Configuration flink,
            Consumer<StreamExecutionEnvironment> workflow,
            @Nullable Checkpoint from) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(flink);
        workflow.accept(env);
        StreamGraph stream = env.getStreamGraph();
        stream.setJobName("tocsin-" + name);
        JobGraph graph = stream.getJobGraph();
        if (from != null) {
            graph.setSavepointRestoreSettings(
                    SavepointRestoreSettings.forPath(from.path().toUri().toString(), false, RecoveryClaimMode.CLAIM));
        }
        return graph;
    }

    /** Waits until every task runs; false when the job failed, or restarts before it ever ran. */
    private static boolean runs(MiniCluster cluster, JobID job) throws Exception {
        while (true) {
            JobStatus status = cluster.getJobStatus(job).get();
            if (status.isTerminalState() || status == JobStatus.RESTARTING || status == JobStatus.FAILING) {
                return false;
            }
            if (status == JobStatus.RUNNING
                    && allRunning(cluster.getExecutionGraph(job).get())) {
                return true;
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MS);
        }
    }

    private static boolean allRunning(AccessExecutionGraph graph) {
        for (var vertex : graph.getAllExecutionVertices()) {
            if (vertex.getExecutionState() != ExecutionState.RUNNING) {
                return false;
            }
        }
        return true;
    }

    private static String cause(MiniCluster cluster, JobID job) throws Exception {
        var failure = cluster.getExecutionGraph(job).get().getFailureInfo();
        return failure == null ? "no cause given" : failure.getExceptionAsString();
    }

    private static void cancel(MiniCluster cluster, JobID job) throws Exception {
        if (!cluster.getJobStatus(job).get().isGloballyTerminalState()) {
            cluster.cancelJob(job).get();
            cluster.requestJobResult(job).get();
        }
    }

    /** The checkpoint that the job began from, {@code none} when from nothing. */
    public String restoredFrom() {
        return restored == null ? "none" : restored.path().getFileName().toString();
    }

    /** Waits until every session of the source is connected and subscribed. */
    public void awaitConnected(MqttSource source) throws InterruptedException {
        while (!ConnectedSessions.all(source)) {
            TimeUnit.MILLISECONDS.sleep(POLL_MS);
        }
    }

    /** Waits for the job's end; it has none of its own, so this is a fault or a stop. */
    public JobStatus awaitEnd() throws Exception {
        return cluster.requestJobResult(job).get().getJobStatus().orElse(JobStatus.FAILED);
    }

    /** The cluster's REST port, as it was bound. */
    public int restPort() throws Exception {
        return cluster.getRestAddress().get().getPort();
    }

    /** Stops the job, whose last checkpoint stays, and the cluster. */
    @Override
    public synchronized void close() throws Exception {
        if (stopped) {
            return;
        }
        stopped = true;
        try {
            cluster.cancelJob(job).get(STOP_MS, TimeUnit.MILLISECONDS);
            cluster.requestJobResult(job).get(STOP_MS, TimeUnit.MILLISECONDS);
        } finally {
            cluster.closeAsync().get(STOP_MS, TimeUnit.MILLISECONDS);
            folder.close();
        }
    }
}
