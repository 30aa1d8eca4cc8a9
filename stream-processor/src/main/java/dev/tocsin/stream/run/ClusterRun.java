package dev.tocsin.stream.run;

import dev.tocsin.stream.run.CheckpointFolder.Checkpoint;
import dev.tocsin.stream.run.RemoteCluster.AwayException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.GlobalConfiguration;
import org.apache.flink.runtime.client.JobStatusMessage;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps one job running on a Flink cluster of other processes that has no high availability of its own: whenever the
 * cluster does not know the job, it is submitted from its newest completed checkpoint. A TaskManager that dies is
 * Flink's own business; a JobManager that dies takes the job with it, and is the reason for this. The checkpoints are in
 * a folder of the cluster's that this process reaches too, held by one keeper at a time.
 *
 * <p>A keeper that ends leaves the job running, and the next one takes it over by its name.
 */
final class ClusterRun implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ClusterRun.class);
    private static final Duration POLL = Duration.ofMillis(200);
    /** A job that does not start is not the less tried again, but leaves the machine to others meanwhile. */
    private static final Duration AFTER_END = Duration.ofSeconds(1);

    private final String name;
    private final JobConfig config;
    private final Configuration flink;
    private final Consumer<StreamExecutionEnvironment> workflow;
    private final CheckpointFolder folder;
    private final RemoteCluster cluster;

    /** The job as this process submitted it, until its end was noticed. */
    private @Nullable JobID submitted;

    /** The job as it was last said to be ready; absent before that. */
    private @Nullable JobID ready;

    /** TaskManagers of the cluster when the job last ran; nobody has counted them before that. */
    private int taskManagers = Integer.MAX_VALUE;

    /** Since when the cluster answers without knowing the job, by {@link System#nanoTime}. */
    private @Nullable Long missingSinceNanos;

    private ClusterRun(
            String name,
            JobConfig config,
            Configuration flink,
            Consumer<StreamExecutionEnvironment> workflow,
            CheckpointFolder folder,
            RemoteCluster cluster) {
        this.name = name;
        this.config = config;
        this.flink = flink;
        this.workflow = workflow;
        this.folder = folder;
        this.cluster = cluster;
    }

    /**
     * @param clusterConf folder of the cluster's {@code config.yaml}
     * @throws IllegalStateException when the cluster keeps checkpoints where they cannot be looked at from here
     * @throws IOException when another process keeps the job
     */
    static ClusterRun open(
            String name, JobConfig config, Path clusterConf, Consumer<StreamExecutionEnvironment> workflow)
            throws Exception {
        Configuration flink = GlobalConfiguration.loadConfiguration(clusterConf.toString());
        Configuration job = FlinkDefaults.ofJob(config, flink);
        URI checkpoints = URI.create(flink.get(CheckpointingOptions.CHECKPOINTS_DIRECTORY));
        if (!"file".equals(checkpoints.getScheme())) {
            throw new IllegalStateException("the cluster keeps checkpoints at " + checkpoints
                    + ", which is no folder of this machine: leave the job to Flink's own high availability, and start"
                    + " it with flink run");
        }
        CheckpointFolder folder = CheckpointFolder.open(Path.of(checkpoints).resolve(name));
        job.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                folder.path().toUri().toString());
        job.set(CheckpointingOptions.CHECKPOINT_STORAGE, DurableStorage.Factory.class.getName());
        try {
            return new ClusterRun(name, config, job, workflow, folder, new RemoteCluster(flink));
        } catch (Exception e) {
            folder.close();
            throw e;
        }
    }

    /**
     * Keeps the job until the process ends; prints a READY line whenever all its tasks run, at first or again.
     *
     * @throws IllegalStateException when there are checkpoints and none of them can be read
     */
    void keep() throws IOException, InterruptedException {
        boolean away = false;
        while (true) {
            try {
                look();
                away = false;
            } catch (AwayException e) {
                if (!away) {
                    LOG.warn("the cluster at {} does not answer: {}", cluster.url(), e.toString());
                }
                away = true;
                missingSinceNanos = null;
            }
            TimeUnit.MILLISECONDS.sleep(POLL.toMillis());
        }
    }

    private void look() throws AwayException, IOException, InterruptedException {
        Collection<JobStatusMessage> jobs = cluster.jobs();
        Optional<JobID> running = jobs.stream()
                .filter(job -> job.getJobName().equals(JobGraphs.nameOf(name)))
                .filter(job -> !job.getJobState().isGloballyTerminalState())
                .map(JobStatusMessage::getJobId)
                .findFirst();
        if (running.isEmpty()) {
            noticeEnd(jobs);
            if (oldTasksAreGone(jobs)) {
                submit();
            }
            return;
        }
        missingSinceNanos = null;
        if (!running.get().equals(ready) && cluster.allTasksRun(running.get())) {
            ready = running.get();
            taskManagers = cluster.taskManagers().size();
            System.out.println("READY " + name + "-job on=" + cluster.url() + " job=" + ready);
        }
    }

    /** It has no end of its own: somebody cancelled it, or it cannot begin. */
    private void noticeEnd(Collection<JobStatusMessage> jobs) throws InterruptedException {
        for (JobStatusMessage job : jobs) {
            if (job.getJobId().equals(submitted)) {
                submitted = null;
                LOG.warn(
                        "{} ended as {}, which the JobManager's log explains; it is submitted again",
                        job.getJobId(),
                        job.getJobState());
                TimeUnit.MILLISECONDS.sleep(AFTER_END.toMillis());
            }
        }
    }

    /**
     * Tasks of a run whose JobManager died go on reading until their TaskManager has missed its heartbeats, and two
     * readers would take the sessions from each other. Each TaskManager must have come to the JobManager of now and hold
     * no slot of a job that it does not know; one that does not come is given as long as it may work on unnoticed.
     */
    private boolean oldTasksAreGone(Collection<JobStatusMessage> jobs) throws AwayException, InterruptedException {
        long now = System.nanoTime();
        if (missingSinceNanos == null) {
            missingSinceNanos = now;
        }
        Set<JobID> known = jobs.stream()
                .filter(job -> !job.getJobState().isGloballyTerminalState())
                .map(JobStatusMessage::getJobId)
                .collect(Collectors.toSet());
        List<Set<JobID>> managers = cluster.taskManagers();
        boolean allCame = managers.size() >= taskManagers
                || now - missingSinceNanos > cluster.heartbeatTimeout().toNanos();
        return allCame && managers.stream().allMatch(known::containsAll);
    }

    private void submit() throws AwayException, IOException, InterruptedException {
        List<Checkpoint> completed = CheckpointFolder.completedIn(folder.path());
        Checkpoint from =
                completed.stream().filter(Checkpoint::isReadable).findFirst().orElse(null);
        boolean unused = completed.isEmpty() && !folder.hasRefused();
        if (from == null && !unused && !config.startEmpty()) {
            throw new IllegalStateException("none of the " + completed.size() + " checkpoints in " + folder.path()
                    + " can be read; nothing was changed there. With --checkpoint.start-empty=true the job starts"
                    + " without what it knew");
        }
        JobGraph graph = JobGraphs.of(name, flink, workflow, from, folder.nextRun());
        jar().ifPresent(jar -> graph.addJar(new org.apache.flink.core.fs.Path(jar)));
        if (from != null) {
            folder.tidy(completed.subList(completed.indexOf(from), completed.size()), graph.getJobID());
        }
        submitted = graph.getJobID();
        cluster.submit(graph);
        LOG.info("submitted as {} from {}", graph.getJobID(), from == null ? "nothing" : from.path());
    }

    /** What this process itself runs from; absent where that is a folder of classes. */
    private static Optional<URI> jar() {
        try {
            URI here = ClusterRun.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI();
            return Optional.of(here).filter(uri -> Files.isRegularFile(Path.of(uri)));
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        cluster.close();
        folder.close();
    }
}
