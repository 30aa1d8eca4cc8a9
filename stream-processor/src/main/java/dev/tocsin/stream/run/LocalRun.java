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
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.minicluster.RpcServiceSharing;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One job on a cluster of its own inside this JVM, begun from the newest checkpoint of its folder that can be restored.
 * Checkpoints in a folder none of which can be are left as they are, and the start fails unless it is told to do without:
 * what they cover the broker does not send again.
 */
public final class LocalRun implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LocalRun.class);
    private static final long POLL_MS = 20;
    /** From one checkpoint: what hindered the first may have been of the moment. */
    private static final int ATTEMPTS = 3;

    private static final long RETRY_MS = 1_000;

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
            return restore(name, config, flink, workflow, folder, cluster);
        } catch (Exception e) {
            cluster.closeAsync().get(STOP_MS, TimeUnit.MILLISECONDS);
            folder.close();
            throw e;
        }
    }

    private static LocalRun restore(
            String name,
            JobConfig config,
            Configuration flink,
            Consumer<StreamExecutionEnvironment> workflow,
            CheckpointFolder folder,
            MiniCluster cluster)
            throws Exception {
        List<Checkpoint> completed = CheckpointFolder.completedIn(folder.path());
        List<@Nullable Checkpoint> candidates = new ArrayList<>(
                completed.stream().filter(Checkpoint::isReadable).toList());
        // Without a completed checkpoint nothing was ever acknowledged, and the broker has it all.
        boolean unused = completed.isEmpty() && !folder.hasRefused();
        if (unused || config.startEmpty()) {
            candidates.add(null);
        }
        String cause = "no checkpoint can be read";
        for (Checkpoint from : candidates) {
            for (int attempt = 1; attempt <= ATTEMPTS; attempt++) {
                JobGraph graph = JobGraphs.of(name, flink, workflow, from, folder.nextRun());
                cluster.submitJob(graph).get();
                if (runs(cluster, graph.getJobID())) {
                    int newer = from == null ? completed.size() : completed.indexOf(from);
                    folder.refuse(completed.subList(0, newer));
                    folder.tidy(completed.subList(newer, completed.size()), graph.getJobID());
                    return new LocalRun(folder, cluster, graph.getJobID(), from);
                }
                cause = cause(cluster, graph.getJobID());
                LOG.error(
                        "attempt {} of {}: the job does not start from {}: {}",
                        attempt,
                        ATTEMPTS,
                        from == null ? "nothing" : from.path(),
                        cause);
                cancel(cluster, graph.getJobID());
                TimeUnit.MILLISECONDS.sleep(RETRY_MS);
            }
        }
        if (candidates.contains(null)) {
            throw new IllegalStateException("the job does not start: " + cause);
        }
        throw new IllegalStateException("none of the " + completed.size() + " checkpoints in " + folder.path()
                + " can be restored (" + cause.lines().findFirst().orElse("") + "); nothing was changed there. With"
                + " --checkpoint.start-empty=true the job starts without what it knew");
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

    /** Makes a checkpoint now, and returns where it is, as a URI. */
    public String checkpoint() throws Exception {
        return cluster.triggerCheckpoint(job).get();
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
