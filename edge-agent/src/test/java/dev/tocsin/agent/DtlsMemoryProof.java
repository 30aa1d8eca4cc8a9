package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * By its own command, {@code -Dtest=DtlsMemoryProof}: as many devices as {@code -Ddevices} says (1,000), each with a key
 * and a session of its own, report to an agent with the flags that it has on a gateway; its resident memory stays below
 * 128 MB. Reads {@code /proc}.
 */
class DtlsMemoryProof {
    private static final int DEVICES = Integer.getInteger("devices", 1_000);
    private static final long MAX_RSS_KB = 128 * 1024;

    @TempDir
    Path folder;

    @Test
    void theSessionsOfAllDevicesFitIntoTheMemoryOfASmallGateway() throws Exception {
        try (TestBroker broker = new TestBroker()) {
            Process agent = start(broker.url());
            try {
                int port = AgentUnderTest.number(log(), "coaps=(\\d+)");
                int http = AgentUnderTest.number(log(), "http=(\\d+)");
                System.out.println("before the first device: " + rssKb(agent) / 1024 + " MB");
                long begun = System.nanoTime();
                for (int i = 0; i < DEVICES; i++) {
                    report(port, i);
                }
                double seconds = (System.nanoTime() - begun) / 1e9;
                long rss = rssKb(agent);
                System.out.printf("%d devices with a session each: %d MB after %.0f s%n", DEVICES, rss / 1024, seconds);
                assertThat(metric(http, "tocsin_agent_dtls_handshakes_total")).isEqualTo(DEVICES);
                assertThat(metric(http, "tocsin_agent_dtls_sessions")).isEqualTo(DEVICES);
                assertThat(rss).isLessThan(MAX_RSS_KB);
                assertThat(agent.isAlive()).isTrue();
            } finally {
                agent.destroy();
            }
        }
    }

    private static String key(int device) {
        return "key of device %05d".formatted(device);
    }

    private static void report(int port, int i) throws Exception {
        try (CoapDevice device = CoapDevice.withKey("id-" + i, key(i), true)) {
            String senMl = "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":21}]";
            assertThat(device.post(port, "sensors/room-" + i, senMl).isSuccess())
                    .isTrue();
        }
    }

    private Process start(String brokerUrl) throws IOException {
        Path credentials = Files.createFile(
                folder.resolve("credentials"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.write(
                credentials,
                IntStream.range(0, DEVICES)
                        .mapToObj(i -> "id-" + i + ","
                                + HexFormat.of().formatHex(key(i).getBytes(StandardCharsets.US_ASCII)) + ",room-" + i)
                        .collect(Collectors.toList()));
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@" + Path.of("jvm.options").toAbsolutePath(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        EdgeAgent.class.getName(),
                        "--gateway=gw-1",
                        "--data=" + folder.resolve("data"),
                        "--broker.url=" + brokerUrl,
                        "--coap.port=0",
                        "--coap.dtls.port=0",
                        "--coap.dtls.sessions=" + DEVICES,
                        "--coap.credentials-file=" + credentials,
                        "--http.port=0",
                        "--enrolment=open"))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("agent.log").toFile())
                .start();
        await().atMost(Duration.ofSeconds(60)).until(() -> log().contains("READY edge-agent") || !process.isAlive());
        return process;
    }

    private String log() throws IOException {
        return Files.readString(folder.resolve("agent.log"));
    }

    private static long rssKb(Process process) throws IOException {
        return Files.readAllLines(Path.of("/proc", String.valueOf(process.pid()), "status")).stream()
                .filter(line -> line.startsWith("VmRSS:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }

    private static double metric(int port, String name) throws Exception {
        URI uri = URI.create("http://127.0.0.1:" + port + "/metrics");
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString())
                .body()
                .lines()
                .filter(line -> line.startsWith(name))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
                .sum();
    }
}
