package dev.tocsin.standalone.bench;

import dev.tocsin.standalone.platform.Layout;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The edge agent as a gateway runs it, in a process of its own with the memory of a gateway. */
final class AgentProcess implements AutoCloseable {
    static final String GATEWAY = "gateway-1";

    private final Process process;
    private final long startedNanos;
    private final int coapPort;
    private final AgentMetricsPage metrics;

    /**
     * Returns at once; use {@link #await} before anything is asked of it.
     *
     * @param ports of CoAP and of the metrics, free ones
     * @param more settings
     */
    AgentProcess(
            Layout layout,
            Path data,
            Sensors.Access field,
            Sensors.Access uplink,
            int coapPort,
            int httpPort,
            String... more)
            throws IOException {
        this.coapPort = coapPort;
        this.metrics = new AgentMetricsPage(URI.create("http://127.0.0.1:" + httpPort + "/metrics"));
        List<String> arguments = new ArrayList<>(List.of(
                "--gateway=" + GATEWAY,
                "--data=" + data,
                "--enrolment=open",
                "--broker.url=" + uplink.brokerUrl(),
                "--broker.user=" + uplink.user(),
                "--field.broker.url=" + field.brokerUrl(),
                "--field.broker.user=" + field.user(),
                "--coap.port=" + coapPort,
                "--http.port=" + httpPort));
        arguments.addAll(List.of(more));
        ProcessBuilder builder = new ProcessBuilder(layout.edgeAgent(arguments)).redirectErrorStream(true);
        builder.environment().put("TOCSIN_BROKER_PASSWORD", uplink.password());
        builder.environment().put("TOCSIN_FIELD_BROKER_PASSWORD", field.password());
        Files.createDirectories(data);
        startedNanos = System.nanoTime();
        process = builder.redirectOutput(data.resolve("agent.log").toFile()).start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly, "end-of-agent"));
    }

    long startedNanos() {
        return startedNanos;
    }

    int coapPort() {
        return coapPort;
    }

    /** Until it answers. */
    AgentProcess await(Deadline deadline) throws IOException, InterruptedException {
        while (true) {
            try {
                metric("tocsin_agent_spool_bytes");
                return this;
            } catch (IOException e) {
                deadline.require("agents answering", 1, 0);
                if (!process.isAlive()) {
                    throw new IOException("the agent ended with " + process.exitValue(), e);
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
    }

    AgentMetricsPage metrics() {
        return metrics;
    }

    /** See {@link AgentMetricsPage#sum}. */
    double metric(String name) throws IOException, InterruptedException {
        return metrics.sum(name);
    }

    long residentBytes() throws IOException {
        return ProcessSizes.kilobytes(process.pid(), "VmRSS:") * 1024;
    }

    /** Since it was started, of both kinds. */
    long processorNanos() {
        return process.info().totalCpuDuration().orElseThrow().toNanos();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
