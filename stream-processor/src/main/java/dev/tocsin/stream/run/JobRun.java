package dev.tocsin.stream.run;

import dev.tocsin.profiles.config.Settings;
import dev.tocsin.stream.source.MqttSource;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.streaming.api.environment.LocalStreamEnvironment;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a job's {@code main}: on the cluster when {@code flink run} started us, kept on a cluster when that is configured,
 * else in this JVM.
 *
 * @param name {@code alarm} or {@code archive}
 * @param workflow defines everything from the source to the sinks
 */
public record JobRun(String name, JobConfig config, MqttSource source, Consumer<StreamExecutionEnvironment> workflow) {
    private static final Logger LOG = LoggerFactory.getLogger(JobRun.class);

    /** Reads the configuration and runs; in this JVM a wrong configuration exits with 2 and a fault with 1. */
    public static void main(String[] args, Function<Settings, JobRun> describe) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        boolean local = env instanceof LocalStreamEnvironment;
        try {
            JobRun run = describe.apply(new Settings(args, System.getenv()));
            if (!local) {
                run.submit(env);
            } else if (run.config().clusterConf() != null) {
                run.keepOn(run.config().clusterConf());
            } else {
                run.runHere();
            }
        } catch (Exception e) {
            if (!local) {
                throw e;
            }
            exit(e);
        }
    }

    /** One clear line (the list of errors, for a configuration), then the end of the process. */
    public static void exit(Exception e) {
        if (e instanceof Settings.InvalidException) {
            System.err.println(e.getMessage());
            System.exit(2);
        }
        LOG.debug("start failed", e);
        Throwable root = e;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        System.err.println(root == e ? e.toString() : e + ": " + root);
        System.exit(1);
    }

    private void submit(StreamExecutionEnvironment env) throws Exception {
        env.configure(FlinkDefaults.ofJob(config, env.getConfiguration()));
        workflow.accept(env);
        env.execute(JobGraphs.nameOf(name));
    }

    private void keepOn(Path clusterConf) throws Exception {
        try (ClusterRun run = ClusterRun.open(name, config, clusterConf, workflow)) {
            run.keep();
        }
    }

    private void runHere() throws Exception {
        requireFree(config.restPort());
        requireFree(config.blobPort());
        requireFree(config.metricsPort());
        LocalRun run = LocalRun.start(name, config, workflow);
        Thread stop = new Thread(() -> stop(run), "stop");
        Runtime.getRuntime().addShutdownHook(stop);
        run.awaitConnected(source);
        System.out.println("READY " + name + "-job rest=" + config.bindHost() + ":" + run.restPort() + " metrics="
                + config.bindHost() + ":" + config.metricsPort() + " restored=" + run.restoredFrom());
        JobStatus end = run.awaitEnd();
        if (end == JobStatus.FAILED) {
            throw new IllegalStateException("job " + name + " failed for good");
        }
    }

    /** Flink would run on without its metrics, and name no port when another is taken. */
    private void requireFree(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(config.bindHost(), port));
        } catch (IOException e) {
            throw new IOException("port " + port + " on " + config.bindHost() + " is in use or not ours to take", e);
        }
    }

    private static void stop(LocalRun run) {
        try {
            run.close();
        } catch (TimeoutException e) {
            // What the last checkpoint does not cover is still at the broker.
            LOG.warn("the job did not stop in time and is left to the end of the process");
        } catch (Exception e) {
            LOG.warn("the job did not stop cleanly", e);
        }
    }
}
