package dev.tocsin.agent.output;

import dev.tocsin.profiles.settings.Output;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Runs the programs that the gateway's own file names, without a shell, and with no more of the environment than a path
 * and a language: the agent's own may hold passwords. Safe for any thread.
 */
final class Programs {
    /** At once; more wait for their turn, for as long as one of them may take. */
    static final int MAX_RUNNING = 4;

    private static final List<String> INHERITED = List.of("PATH", "LANG", "TZ");

    private final Semaphore running = new Semaphore(MAX_RUNNING, true);

    /** @throws IOException when it cannot be started, takes too long or ends with anything but 0 */
    void run(Output.Driver.Program program, Order order) throws IOException, InterruptedException {
        if (!running.tryAcquire(program.timeoutMs(), TimeUnit.MILLISECONDS)) {
            throw new IOException(program.program() + " was not started: " + MAX_RUNNING + " programs run already");
        }
        try {
            List<String> command = new ArrayList<>();
            command.add(program.program());
            command.addAll(program.arguments());
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .redirectError(ProcessBuilder.Redirect.DISCARD);
            Map<String, String> environment = builder.environment();
            environment.keySet().retainAll(INHERITED);
            environment.putAll(order.environment());
            Process process = builder.start();
            try {
                await(process, program, order);
            } finally {
                process.descendants().forEach(ProcessHandle::destroyForcibly);
                process.destroyForcibly();
            }
        } finally {
            running.release();
        }
    }

    private static void await(Process process, Output.Driver.Program program, Order order)
            throws IOException, InterruptedException {
        try (OutputStream input = process.getOutputStream()) {
            input.write(order.json());
        } catch (IOException e) {
            // It may have ended without reading: its exit code says how.
        }
        if (!process.waitFor(program.timeoutMs(), TimeUnit.MILLISECONDS)) {
            throw new IOException(program.program() + " took longer than " + program.timeoutMs() + " ms");
        }
        if (process.exitValue() != 0) {
            throw new IOException(program.program() + " ended with " + process.exitValue());
        }
    }
}
