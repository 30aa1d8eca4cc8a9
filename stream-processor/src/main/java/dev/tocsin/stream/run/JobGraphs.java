package dev.tocsin.stream.run;

import dev.tocsin.stream.run.CheckpointFolder.Checkpoint;
import java.util.function.Consumer;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.runtime.jobgraph.JobGraph;
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
            JobID run) {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(flink);
        workflow.accept(env);
        StreamGraph stream = env.getStreamGraph();
        stream.setJobName(nameOf(job));
        JobGraph graph = stream.getJobGraph(JobGraphs.class.getClassLoader(), run);
        if (from != null) {
            graph.setSavepointRestoreSettings(
                    SavepointRestoreSettings.forPath(from.path().toUri().toString(), false, RecoveryClaimMode.CLAIM));
        }
        return graph;
    }
}
