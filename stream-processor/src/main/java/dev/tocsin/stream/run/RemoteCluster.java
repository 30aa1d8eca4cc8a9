package dev.tocsin.stream.run;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.apache.flink.api.common.JobID;
import org.apache.flink.client.program.rest.RestClusterClient;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.HeartbeatManagerOptions;
import org.apache.flink.configuration.RestOptions;
import org.apache.flink.runtime.client.JobStatusMessage;
import org.apache.flink.runtime.execution.ExecutionState;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.rest.RestClient;
import org.apache.flink.runtime.rest.messages.EmptyRequestBody;
import org.apache.flink.runtime.rest.messages.taskmanager.SlotInfo;
import org.apache.flink.runtime.rest.messages.taskmanager.TaskManagerDetailsHeaders;
import org.apache.flink.runtime.rest.messages.taskmanager.TaskManagerDetailsInfo;
import org.apache.flink.runtime.rest.messages.taskmanager.TaskManagerInfo;
import org.apache.flink.runtime.rest.messages.taskmanager.TaskManagerMessageParameters;
import org.apache.flink.runtime.rest.messages.taskmanager.TaskManagersHeaders;
import org.apache.flink.runtime.rest.messages.taskmanager.TaskManagersInfo;

/** A Flink cluster as its REST interface tells of it. Every call fails at once while nobody answers. For one thread. */
final class RemoteCluster implements AutoCloseable {
    private static final long ANSWER_MS = 5_000;
    /** The jar goes with it. */
    private static final long SUBMIT_MS = 30_000;

    private final Configuration flink;
    private final RestClusterClient<String> client;
    private final RestClient rest;

    /** Nobody answers at the cluster's address, or not in time. */
    static final class AwayException extends Exception {
        private static final long serialVersionUID = 1L;

        AwayException(Throwable cause) {
            super(cause.getMessage(), cause);
        }
    }

    /** @param flink the cluster's configuration, which says where its REST interface is */
    RemoteCluster(Configuration flink) throws Exception {
        this.flink = new Configuration(flink);
        // Whoever asks asks again by himself, and wants to know at once that the cluster is away.
        this.flink.set(RestOptions.RETRY_MAX_ATTEMPTS, 0);
        this.flink.set(RestOptions.CONNECTION_TIMEOUT, Duration.ofSeconds(1));
        this.flink.set(RestOptions.IDLENESS_TIMEOUT, Duration.ofMillis(SUBMIT_MS));
        this.client = new RestClusterClient<>(this.flink, "remote");
        this.rest = new RestClient(this.flink, ForkJoinPool.commonPool());
    }

    String url() {
        return client.getWebInterfaceURL();
    }

    /** How long a part of the cluster may go on without having heard of another. */
    Duration heartbeatTimeout() {
        return flink.get(HeartbeatManagerOptions.HEARTBEAT_TIMEOUT);
    }

    /** Every job it knows, ended ones too. */
    Collection<JobStatusMessage> jobs() throws AwayException, InterruptedException {
        return answer(client.listJobs(), ANSWER_MS);
    }

    boolean allTasksRun(JobID job) throws AwayException, InterruptedException {
        var vertices = answer(client.getJobDetails(job), ANSWER_MS).getJobVertexInfos();
        // It has none yet while its graph is being made.
        return !vertices.isEmpty()
                && vertices.stream()
                        .allMatch(vertex -> vertex.getTasksPerState().getOrDefault(ExecutionState.RUNNING, 0)
                                == vertex.getParallelism());
    }

    /** The jobs for which each registered TaskManager holds slots; a slot is held for as long as a task is in it. */
    List<Set<JobID>> taskManagers() throws AwayException, InterruptedException {
        List<Set<JobID>> held = new ArrayList<>();
        for (TaskManagerInfo manager :
                answer(send(TaskManagersHeaders.getInstance()), ANSWER_MS).getTaskManagerInfos()) {
            TaskManagerMessageParameters which = new TaskManagerMessageParameters();
            which.taskManagerIdParameter.resolve(manager.getResourceId());
            held.add(answer(details(which), ANSWER_MS).getAllocatedSlots().stream()
                    .map(SlotInfo::getJobId)
                    .collect(Collectors.toCollection(HashSet::new)));
        }
        return held;
    }

    /** Returns when the cluster has taken the job. */
    void submit(JobGraph graph) throws AwayException, InterruptedException {
        answer(client.submitJob(graph), SUBMIT_MS);
    }

    private CompletableFuture<TaskManagersInfo> send(TaskManagersHeaders request) throws AwayException {
        try {
            return rest.sendRequest(flink.get(RestOptions.ADDRESS), flink.get(RestOptions.PORT), request);
        } catch (IOException e) {
            throw new AwayException(e);
        }
    }

    private CompletableFuture<TaskManagerDetailsInfo> details(TaskManagerMessageParameters which) throws AwayException {
        try {
            return rest.sendRequest(
                    flink.get(RestOptions.ADDRESS),
                    flink.get(RestOptions.PORT),
                    TaskManagerDetailsHeaders.getInstance(),
                    which,
                    EmptyRequestBody.getInstance());
        } catch (IOException e) {
            throw new AwayException(e);
        }
    }

    private static <T> T answer(CompletableFuture<T> asked, long withinMs) throws AwayException, InterruptedException {
        try {
            return asked.get(withinMs, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new AwayException(e);
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            throw new AwayException(cause == null ? e : cause);
        }
    }

    @Override
    public void close() {
        client.close();
        rest.closeAsync();
    }
}
