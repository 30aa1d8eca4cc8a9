package dev.tocsin.agent;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** An agent in a process of its own, with the limits of a gateway's virtual machine. */
final class AgentProcess implements AutoCloseable {
    final Process process;
    private final Path out;
    private final int httpPort;

    /** @param heap as {@code -Xmx24m} */
    AgentProcess(Path folder, String heap, String... settings) throws IOException {
        out = folder.resolve("agent.log");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of("jvm.options").toAbsolutePath(),
                heap,
                "-cp",
                System.getProperty("java.class.path"),
                EdgeAgent.class.getName(),
                "--gateway=gw-1",
                "--data=" + folder.resolve("data"),
                "--coap.port=0",
                "--http.port=0",
                "--enrolment=open"));
        command.addAll(List.of(settings));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            if (!process.isAlive()) {
                throw new AssertionError(said());
            }
            return said().contains("READY edge-agent") && said().contains("subscriptions");
        });
        httpPort = AgentUnderTest.number(said(), "http=(\\d+)");
    }

    String said() throws IOException {
        return Files.readString(out);
    }

    String get(String path) throws IOException, InterruptedException {
        URI uri = URI.create("http://127.0.0.1:" + httpPort + path);
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .body();
    }

    /** The value of one line of the metrics, named as it stands there up to the number. */
    long metric(String line) throws IOException, InterruptedException {
        return AgentUnderTest.metric(get("/metrics"), line);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
