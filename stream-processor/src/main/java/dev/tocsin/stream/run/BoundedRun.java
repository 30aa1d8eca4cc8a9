package dev.tocsin.stream.run;

import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;

/** A job that ends by itself, on a cluster of its own inside this JVM, without checkpoints: it succeeds or is repeated. */
public final class BoundedRun {
    private BoundedRun() {}

    /**
     * Runs it to its end.
     *
     * @param results told one after the other, in the caller's thread, what the workflow's last stream holds
     * @throws Exception what made the job fail
     */
    public static <T> void run(
            String name, Function<StreamExecutionEnvironment, DataStream<T>> workflow, Consumer<T> results)
            throws Exception {
        Configuration flink = FlinkDefaults.ofBoundedRun();
        StreamExecutionEnvironment env = StreamExecutionEnvironment.createLocalEnvironment(1, flink);
        try (CloseableIterator<T> rows = workflow.apply(env).executeAndCollect("tocsin-" + name)) {
            rows.forEachRemaining(results);
        }
    }
}
