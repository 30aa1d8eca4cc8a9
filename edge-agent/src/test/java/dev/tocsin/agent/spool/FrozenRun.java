package dev.tocsin.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs {@link SpoolToFreeze}, and makes it stand still wherever it is. */
final class FrozenRun implements AutoCloseable {
    private final Process process;
    private final Path notes;

    FrozenRun(Path file, Path notes) throws IOException {
        this.notes = notes;
        process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx64m",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SpoolToFreeze.class.getName(),
                        file.toString())
                .redirectOutput(notes.toFile())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        await().atMost(Duration.ofSeconds(60)).until(() -> Files.exists(file) || !process.isAlive());
    }

    /** What was noted in whole lines. */
    Ledger known() throws IOException {
        Ledger ledger = new Ledger();
        String text = Files.readString(notes);
        text.substring(0, text.lastIndexOf('\n') + 1).lines().forEach(ledger::note);
        return ledger;
    }

    void awaitAcknowledged(int commit) {
        await().atMost(Duration.ofSeconds(60))
                .pollInterval(Duration.ofMillis(1))
                .until(() -> {
                    assertThat(process.isAlive()).as("the writer runs").isTrue();
                    return known().acknowledged >= commit;
                });
    }

    void freeze() throws IOException, InterruptedException {
        signal("STOP");
        // A thread may end while one looks.
        await().pollInterval(Duration.ofMillis(1))
                .ignoreException(NoSuchFileException.class)
                .until(this::standsStill);
    }

    void goOn() throws IOException, InterruptedException {
        signal("CONT");
    }

    private void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid()).start();
        assertThat(kill.waitFor(10, TimeUnit.SECONDS)).isTrue();
        assertThat(kill.exitValue()).isZero();
    }

    /** All of its threads: the state stands behind the name, which is in parentheses. */
    private boolean standsStill() throws IOException {
        List<Path> threads;
        try (Stream<Path> listed = Files.list(Path.of("/proc/" + process.pid() + "/task"))) {
            threads = listed.toList();
        }
        for (Path thread : threads) {
            String stat = Files.readString(thread.resolve("stat"));
            if (stat.charAt(stat.lastIndexOf(')') + 2) != 'T') {
                return false;
            }
        }
        return true;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
