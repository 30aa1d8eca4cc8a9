package dev.tocsin.standalone.platform;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A Flink cluster on this machine: its {@code config.yaml} in {@code cluster/} of the data folder, and the command lines
 * of Flink's own processes. Every part is found again within seconds of its loss.
 *
 * @param data folder of everything that is kept
 */
record FlinkCluster(Layout layout, Path data, JobPorts.Cluster ports) {
    /** Of each operator: one on each TaskManager. */
    static final int PARALLELISM = JobPorts.Cluster.TASK_MANAGERS;

    /** Each TaskManager can carry both jobs alone, so that nothing waits for the return of the other. */
    private static final int SLOTS = 2 * PARALLELISM;

    /** As many as a job in a JVM of its own keeps: one may turn out to be unreadable. */
    private static final int CHECKPOINTS_KEPT = 3;

    private static final String HOST = "127.0.0.1";
    private static final int JOB_MANAGER_HEAP_MB = 512;
    private static final int TASK_MANAGER_HEAP_MB = 1024;

    /** Writes the configuration. */
    void prepare() throws IOException {
        Files.createDirectories(temporary());
        Files.createDirectories(data.resolve("checkpoints"));
        Files.createDirectories(folder());
        Files.writeString(
                folder().resolve("config.yaml"),
                settings().entrySet().stream()
                        .map(setting -> setting.getKey() + ": \"" + setting.getValue() + "\"\n")
                        .collect(Collectors.joining(
                                "",
                                "# Written by ./tocsin cluster at each start; docs/OPERATIONS.md explains it.\n",
                                "")));
    }

    /** Of the configuration. */
    Path folder() {
        return data.resolve("cluster");
    }

    private Path temporary() {
        return data.resolve("tmp").resolve("cluster");
    }

    private Map<String, Object> settings() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("jobmanager.rpc.address", HOST);
        all.put("jobmanager.rpc.port", ports.jobManagerRpc());
        all.put("jobmanager.bind-host", HOST);
        all.put("taskmanager.host", HOST);
        all.put("taskmanager.bind-host", HOST);
        all.put("rest.address", HOST);
        all.put("rest.bind-address", HOST);
        all.put("rest.port", ports.rest());
        all.put("rest.bind-port", ports.rest());
        all.put("blob.server.port", ports.blob());
        // Jobs come from their keepers, and who cancels one here by mistake has it started again.
        all.put("web.submit.enable", false);
        all.put("web.cancel.enable", false);
        all.put("io.tmp.dirs", temporary());
        all.put("execution.checkpointing.dir", data.resolve("checkpoints").toUri());
        // The JobManager goes by its own configuration here, not by the job's; as delivered it keeps one.
        all.put("execution.checkpointing.num-retained", CHECKPOINTS_KEPT);

        // The JobManager asks, and knows a TaskManager whose port is closed by the second question. A TaskManager is
        // only asked: it waits the timeout out, lets its tasks go, and frees their slots when no JobManager has
        // claimed them.
        all.put("heartbeat.interval", "500 ms");
        all.put("heartbeat.timeout", "3 s");
        all.put("heartbeat.rpc-failure-threshold", 2);
        all.put("taskmanager.slot.timeout", "1 s");
        // Whoever finds nobody asks again soon; as delivered, after 10 and 30 s.
        all.put("cluster.registration.error-delay", "200 ms");
        all.put("cluster.registration.refused-registration-delay", "500 ms");
        all.put("cluster.registration.max-timeout", "1 s");

        all.put("taskmanager.numberOfTaskSlots", SLOTS);
        all.put("taskmanager.load-balance.mode", "SLOTS");
        all.put("taskmanager.cpu.cores", SLOTS);
        // What Flink's own scripts would work out; only the network's and the managed memory are really set aside.
        all.put("taskmanager.memory.framework.heap.size", "128m");
        all.put("taskmanager.memory.framework.off-heap.size", "128m");
        all.put("taskmanager.memory.task.heap.size", (TASK_MANAGER_HEAP_MB - 128) + "m");
        all.put("taskmanager.memory.task.off-heap.size", "0m");
        all.put("taskmanager.memory.network.min", "96m");
        all.put("taskmanager.memory.network.max", "96m");
        all.put("taskmanager.memory.managed.size", "64m");
        all.put("taskmanager.memory.jvm-metaspace.size", "256m");
        all.put("taskmanager.memory.jvm-overhead.min", "192m");
        all.put("taskmanager.memory.jvm-overhead.max", "192m");
        // The classes are on the class path of every process too: from there they stay warm over a job's restarts.
        all.put("classloader.resolve-order", "parent-first");

        all.put("metrics.reporters", "tocsin");
        all.put("metrics.reporter.tocsin.factory.class", "dev.tocsin.stream.run.LoopbackMetricsFactory");
        all.put("metrics.reporter.tocsin.host", HOST);
        return all;
    }

    List<String> jobManager() {
        return flink(
                "org.apache.flink.runtime.entrypoint.StandaloneSessionClusterEntrypoint",
                JOB_MANAGER_HEAP_MB,
                List.of(
                        "jobmanager.resource-id=jobmanager",
                        "metrics.internal.query-service.port=" + ports.jobManagerQueries(),
                        "metrics.reporter.tocsin.port=" + ports.metrics()));
    }

    /** @param i from 0 */
    List<String> taskManager(int i) {
        return flink(
                "org.apache.flink.runtime.taskexecutor.TaskManagerRunner",
                TASK_MANAGER_HEAP_MB,
                List.of(
                        "taskmanager.resource-id=taskmanager-" + (i + 1),
                        "taskmanager.rpc.port=" + ports.taskManagerRpc(i),
                        "taskmanager.data.port=" + ports.taskManagerData(i),
                        "metrics.internal.query-service.port=" + ports.taskManagerQueries(i),
                        "metrics.reporter.tocsin.port=" + ports.taskManagerMetrics(i)));
    }

    private List<String> flink(String main, int heapMb, List<String> own) {
        List<String> arguments = new ArrayList<>(List.of("--configDir", folder().toString()));
        for (String setting : own) {
            arguments.add("-D");
            arguments.add(setting);
        }
        return layout.java("stream-processor", "flink-lib", main, heapMb, Processes.QUICK, arguments);
    }
}
