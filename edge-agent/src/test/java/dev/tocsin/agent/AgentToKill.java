package dev.tocsin.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** An agent as a process of its own, with what a gateway gives it. */
final class AgentToKill {
    private final Process process;
    private final Path out;

    AgentToKill(Path out, String... arguments) throws IOException {
        this.out = out;
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + Path.of("jvm.options").toAbsolutePath(),
                "-cp",
                System.getProperty("java.class.path"),
                EdgeAgent.class.getName()));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
    }

    /** Until its log says all of this. */
    void await(String... words) {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> {
            String text = Files.readString(out);
            if (!process.isAlive()) {
                throw new AssertionError(text);
            }
            return List.of(words).stream().allMatch(text::contains);
        });
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** By the signal that nobody can catch. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** @return whether it went within 10 s */
    boolean stop() throws InterruptedException {
        process.destroy();
        return process.waitFor(10, TimeUnit.SECONDS);
    }

    String log() throws IOException {
        return Files.readString(out);
    }
}
