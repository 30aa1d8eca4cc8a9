package dev.tocsin.stream.run;

import dev.tocsin.stream.run.CheckpointFolder.Checkpoint;
import dev.tocsin.stream.source.Uplink;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.runtime.OperatorIDPair;
import org.apache.flink.runtime.checkpoint.OperatorState;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.JobVertex;
import org.apache.flink.runtime.jobgraph.OperatorID;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.graph.StreamGraph;
import org.jspecify.annotations.Nullable;

/** Workflows as a cluster takes them. */
final class JobGraphs {
    private JobGraphs() {}

    /** As a cluster lists it. */
    static String nameOf(String job) {
        return "tocsin-" + job;
    }

    /** @param from what the run begins with; absent: nothing */
    static JobGraph of(
            String job,
            Configuration flink,
            Consumer<StreamExecutionEnvironment> workflow,
            @Nullable Checkpoint from,
            JobID run)
            throws IOException {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(flink);
        workflow.accept(env);
        StreamGraph stream = env.getStreamGraph();
        stream.setJobName(nameOf(job));
        JobGraph graph = stream.getJobGraph(JobGraphs.class.getClassLoader(), run);
        if (from != null) {
            graph.setSavepointRestoreSettings(SavepointRestoreSettings.forPath(
                    from.path().toUri().toString(), onlyKafkaIsLeftOut(from, graph), RecoveryClaimMode.CLAIM));
        }
        return graph;
    }

    /**
     * A site may do without Kafka again, whose offsets Kafka itself keeps too. State of any other operator that the job
     * lacks is a mistake, on which Flink is to refuse the checkpoint.
     */
    private static boolean onlyKafkaIsLeftOut(Checkpoint from, JobGraph graph) throws IOException {
        Set<OperatorID> taken = new HashSet<>();
        for (JobVertex vertex : graph.getVertices()) {
            for (OperatorIDPair operator : vertex.getOperatorIDs()) {
                taken.add(operator.getGeneratedOperatorID());
                operator.getUserDefinedOperatorID().ifPresent(taken::add);
            }
        }
        return from.metadata().getOperatorStates().stream()
                .filter(state -> !taken.contains(state.getOperatorID()))
                .filter(JobGraphs::holdsAnything)
                .allMatch(state ->
                        state.getOperatorUid().filter(Uplink.KAFKA_UID::equals).isPresent());
    }

    private static boolean holdsAnything(OperatorState state) {
        return state.getCoordinatorState() != null
                || state.getStates().stream().anyMatch(OperatorSubtaskState::hasState);
    }
}
