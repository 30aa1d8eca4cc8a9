package dev.tocsin.standalone.platform;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One process of the platform. It is ready when it prints a line that begins with {@code READY}; everything it prints
 * goes to its log file. Once supervised, it is started again whenever it ends without having been told to.
 *
 * <p>Thread-safe: the launcher's thread starts and stops it, its own thread reads its output and restarts it.
 */
public final class Child {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    /** A process that lived this long has earned a restart without a pause. */
    private static final Duration HEALTHY_AFTER = Duration.ofSeconds(30);

    private final String name;
    private final List<String> command;
    private final Path log;
    private final Path pidFile;
    private final Duration readyWithin;

    private @Nullable Process process;
    private volatile boolean wanted;
    private volatile boolean ready;
    private volatile String lastLine = "";

    /**
     * @param folder where {@code logs/} and {@code run/} are
     * @param readyWithin how long it may take to its READY line
     */
    Child(String name, List<String> command, Path folder, Duration readyWithin) throws IOException {
        this.name = name;
        this.command = List.copyOf(command);
        this.readyWithin = readyWithin;
        this.log = Files.createDirectories(folder.resolve("logs")).resolve(name + ".log");
        this.pidFile = Files.createDirectories(folder.resolve("run")).resolve(name + ".pid");
    }

    public String name() {
        return name;
    }

    /** The process id of the running process. */
    public synchronized long pid() {
        if (process == null) {
            throw new IllegalStateException(name + " was never started");
        }
        return process.pid();
    }

    public synchronized boolean isAlive() {
        return process != null && process.isAlive();
    }

    /** Whether the running process has said that it is ready. */
    public boolean isReady() {
        return ready && isAlive();
    }

    /**
     * Starts it and waits for its READY line.
     *
     * @throws StartException with the last line it printed, where it ended or took too long
     */
    public void start() throws StartException {
        stopLeftover();
        wanted = true;
        launchAndAwait();
    }

    /** Starts it again by itself whenever it ends; call after {@link #start}. */
    void supervise(Events events) {
        Thread thread = new Thread(() -> keepAlive(events), "supervise-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Ends it: asks, waits, then forces. */
    public void stop(Duration grace) {
        wanted = false;
        Process running;
        synchronized (this) {
            running = process;
        }
        if (running != null) {
            end(running.toHandle(), grace);
        }
        deletePidFile();
    }

    /** What the launcher is told of its children. */
    interface Events {
        void ended(String name, int exitCode);

        void restarted(String name, Duration took);
    }

    private void keepAlive(Events events) {
        Duration pause = FIRST_PAUSE;
        while (wanted) {
            Process running;
            synchronized (this) {
                running = process;
            }
            if (running == null) {
                return;
            }
            Instant began = Instant.now();
            try {
                int code = running.waitFor();
                if (!wanted) {
                    return;
                }
                Instant endedAt = Instant.now();
                events.ended(name, code);
                pause = Duration.between(began, endedAt).compareTo(HEALTHY_AFTER) > 0 ? FIRST_PAUSE : pause;
                Thread.sleep(pause.toMillis());
                pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
                if (wanted) {
                    launchAndAwait();
                    events.restarted(name, Duration.between(endedAt, Instant.now()));
                }
            } catch (StartException e) {
                // The next turn of the loop sees the ended process and tries again, more patiently.
                events.ended(name, -1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void launchAndAwait() throws StartException {
        CompletableFuture<Boolean> said = new CompletableFuture<>();
        ready = false;
        try {
            Process started =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            started.getOutputStream().close();
            synchronized (this) {
                process = started;
            }
            Files.writeString(pidFile, Long.toString(started.pid()));
            Thread reader = new Thread(() -> copyOutput(started, said), "output-" + name);
            reader.setDaemon(true);
            reader.start();
            if (!said.get(readyWithin.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new StartException(name + " ended while starting: " + lastLine + " (all of it: " + log + ")");
            }
            ready = true;
        } catch (IOException | ExecutionException e) {
            throw new StartException(name + " could not be started: " + e.getMessage());
        } catch (TimeoutException e) {
            synchronized (this) {
                if (process != null) {
                    process.destroyForcibly();
                }
            }
            throw new StartException(name + " was not ready within " + readyWithin.toSeconds() + " s; it last said: "
                    + lastLine + " (all of it: " + log + ")");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException(name + " was interrupted while starting");
        }
    }

    private void copyOutput(Process started, CompletableFuture<Boolean> said) {
        try (BufferedReader output =
                        new BufferedReader(new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8));
                Writer file = Files.newBufferedWriter(
                        log, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                file.write(line);
                file.write('\n');
                file.flush();
                if (!line.isBlank()) {
                    lastLine = line.strip();
                }
                if (line.startsWith("READY")) {
                    said.complete(true);
                }
            }
            said.complete(false);
        } catch (IOException e) {
            said.completeExceptionally(e);
        }
    }

    /** A launcher that was killed leaves its children behind; they hold the ports and the data folder. */
    private void stopLeftover() {
        try {
            if (Files.exists(pidFile)) {
                long pid = Long.parseLong(Files.readString(pidFile).strip());
                // Process ids are used again by the system: only our own main class may be ended.
                String main = command.get(command.indexOf("-cp") + 2);
                ProcessHandle.of(pid)
                        .filter(handle -> handle.info().commandLine().orElse("").contains(main))
                        .ifPresent(handle -> end(handle, Duration.ofSeconds(5)));
                Files.deleteIfExists(pidFile);
            }
        } catch (IOException | NumberFormatException e) {
            deletePidFile();
        }
    }

    private static void end(ProcessHandle handle, Duration grace) {
        handle.destroy();
        try {
            handle.onExit().get(grace.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            handle.destroyForcibly();
            handle.onExit().join();
        } catch (InterruptedException e) {
            handle.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }

    private void deletePidFile() {
        try {
            Files.deleteIfExists(pidFile);
        } catch (IOException e) {
            // A stale file is looked at with care by the next start.
        }
    }
}
