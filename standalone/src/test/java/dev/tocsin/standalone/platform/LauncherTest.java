package dev.tocsin.standalone.platform;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher as people run it: a process, on a folder that is kept. */
class LauncherTest {
    private static final Duration SOON = Duration.ofMinutes(3);

    @TempDir
    Path folder;

    @Test
    void aKilledLaunchersProcessesAreStoppedByTheNextWhichGoesOnWithTheData() throws Exception {
        Path data = folder.resolve("site");
        Ports ports = Ports.free();
        Launcher first = new Launcher(folder.resolve("first.txt"), "up", data, ports);
        try {
            first.awaitReady();
            String password = Files.readString(data.resolve("credentials/admin.txt"));

            assertThat(new Launcher(folder.resolve("second.txt"), "up", data, ports).wordsOfRefusal())
                    .contains("is in use by another running Tocsin (process " + first.process.pid() + ")")
                    .doesNotContain("\n");
            assertThat(new Launcher(folder.resolve("demo.txt"), "demo", data, ports).wordsOfRefusal())
                    .contains("is in use for something else")
                    .doesNotContain("\n");

            List<ProcessHandle> leftBehind = first.process.descendants().toList();
            assertThat(leftBehind).hasSizeGreaterThan(5);
            first.process.destroyForcibly().onExit().join();
            assertThat(leftBehind).anyMatch(ProcessHandle::isAlive);

            Launcher next = new Launcher(folder.resolve("next.txt"), "up", data, ports);
            try {
                next.awaitReady();
                await().until(() -> leftBehind.stream().noneMatch(ProcessHandle::isAlive));
                assertThat(Files.readString(data.resolve("credentials/admin.txt")))
                        .isEqualTo(password);
                List<ProcessHandle> running = next.process.descendants().toList();
                next.stop();
                assertThat(next.said()).contains("Stopped.");
                // PostgreSQL's log writer sees that the server has ended, and follows it.
                await().until(() -> running.stream().noneMatch(ProcessHandle::isAlive));
            } finally {
                next.stop();
            }
        } finally {
            first.stop();
        }
    }

    @Test
    void aDemonstrationsFolderNeverBecomesASite() throws Exception {
        Path data = folder.resolve("demo");
        DataFolder.open(data, true).close();
        assertThat(new Launcher(folder.resolve("up.txt"), "up", data, Ports.free()).wordsOfRefusal())
                .contains(data + " belongs to a demonstration")
                .doesNotContain("\n");
    }

    /** One run of {@code ./tocsin}, without the script. */
    private static final class Launcher {
        final Process process;
        private final Path output;

        Launcher(Path output, String command, Path data, Ports ports) throws IOException {
            this.output = output;
            List<String> words = new ArrayList<>(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    "dev.tocsin.standalone.Tocsin",
                    command,
                    "--data=" + data));
            JobPorts.Apart jobs = (JobPorts.Apart) ports.jobs();
            words.addAll(List.of(
                    "--mqtt-port=" + ports.mqtt(),
                    "--coap-port=" + ports.coap(),
                    "--http-port=" + ports.http(),
                    "--agent-port=" + ports.agentHttp(),
                    "--alarm-metrics-port=" + jobs.alarmMetrics(),
                    "--archive-metrics-port=" + jobs.archiveMetrics(),
                    "--alarm-rest-port=" + jobs.alarmRest(),
                    "--archive-rest-port=" + jobs.archiveRest(),
                    "--alarm-blob-port=" + jobs.alarmBlob(),
                    "--archive-blob-port=" + jobs.archiveBlob(),
                    "--postgres-port=" + ports.postgres()));
            process = new ProcessBuilder(words)
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
        }

        String said() throws IOException {
            return Files.readString(output, StandardCharsets.UTF_8);
        }

        void awaitReady() throws IOException {
            await().atMost(SOON).until(() -> said().contains("READY") || !process.isAlive());
            assertThat(said()).contains("READY");
        }

        /** What it said to the person at the keyboard, below the line that says what it is about to do. */
        String wordsOfRefusal() throws IOException {
            await().atMost(SOON).until(() -> !process.isAlive());
            assertThat(process.exitValue()).isEqualTo(1);
            try (Stream<String> lines = said().lines()) {
                return String.join(
                        "\n", lines.filter(line -> !line.startsWith("Starting")).toList());
            }
        }

        void stop() {
            process.destroy();
            process.onExit().join();
        }
    }
}
