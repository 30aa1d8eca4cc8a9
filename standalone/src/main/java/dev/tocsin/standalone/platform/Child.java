package dev.tocsin.standalone.platform;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One process of the platform. It is ready when it prints a line that begins with {@code READY}, or, where that is said,
 * when it listens on a port; everything it prints goes to its log file. Once supervised, it is started again whenever it
 * ends without having been told to. Once stopped, it stays so.
 *
 * <p>Thread-safe: the launcher's thread starts and stops it, its own thread reads its output and restarts it. Whether it
 * may be launched and the launch itself are under one lock, so that no launch comes after the stop.
 */
public final class Child {
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);
    /**
     * A process that was ready for this long has earned a restart at once: alarms wait for it, and what dies again and
     * again in this rhythm still leaves the machine to the others.
     */
    private static final Duration HEALTHY_AFTER = Duration.ofSeconds(5);

    private static final Duration LOOK_AGAIN = Duration.ofMillis(50);

    private static final long LOG_BYTES = 10_000_000;
    private static final int LOGS_ASIDE = 4;

    private final String name;
    private final List<String> command;
    private final Path logFile;
    private final RotatingLog log;
    private final Path pidFile;
    private final Duration readyWithin;

    /** On which the process listens once it is ready; 0 where it says so. */
    private final int readyPort;

    private @Nullable Process process;
    private boolean stopped;
    private volatile boolean ready;
    private volatile String lastLine = "";

    /**
     * @param folder where {@code logs/} and {@code run/} are
     * @param readyWithin how long it may take to its READY line
     */
    Child(String name, List<String> command, Path folder, Duration readyWithin) throws IOException {
        this(name, command, folder, readyWithin, 0);
    }

    /** @param readyPort of 127.0.0.1, on which it listens once it is ready */
    Child(String name, List<String> command, Path folder, Duration readyWithin, int readyPort) throws IOException {
        this.readyPort = readyPort;
        this.name = name;
        this.command = List.copyOf(command);
        this.readyWithin = readyWithin;
        this.logFile = Files.createDirectories(folder.resolve("logs")).resolve(name + ".log");
        this.log = new RotatingLog(logFile, LOG_BYTES, LOGS_ASIDE);
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
     * @throws StartException with the last line it printed, where it ended or took too long; also when it was stopped
     */
    void start() throws StartException {
        launchAndAwait();
    }

    /** Starts it again by itself whenever it ends; call after {@link #start}. */
    void supervise(Events events) {
        Thread thread = new Thread(() -> keepAlive(events), "supervise-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Ends them for good: asks all at once, waits for as long as all together have, then forces. */
    static void stop(Collection<Child> children, Duration grace) {
        Ending.of(
                children.stream()
                        .map(Child::abandon)
                        .filter(running -> running != null)
                        .map(Process::toHandle)
                        .toList(),
                grace);
        children.forEach(Child::deletePidFile);
    }

    /** What the launcher is told of its children. */
    interface Events {
        void ended(String name, int exitCode);

        void restarted(String name, Duration took);

        /** It was started again and did not come up; it will be tried again. */
        void notBack(String name, String why);
    }

    /** From here on nothing is launched any more; returns what still runs. */
    private synchronized @Nullable Process abandon() {
        stopped = true;
        return process;
    }

    private synchronized boolean isStopped() {
        return stopped;
    }

    private synchronized Process launched() {
        if (process == null) {
            throw new IllegalStateException(name + " was never started");
        }
        return process;
    }

    private void keepAlive(Events events) {
        Duration pause = FIRST_PAUSE;
        try {
            while (true) {
                Instant began = Instant.now();
                int code = launched().waitFor();
                if (isStopped()) {
                    return;
                }
                Instant ended = Instant.now();
                events.ended(name, code);
                if (Duration.between(began, ended).compareTo(HEALTHY_AFTER) > 0) {
                    pause = FIRST_PAUSE;
                }
                boolean back = false;
                while (!back) {
                    Thread.sleep(pause.toMillis());
                    pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
                    back = launchAgain(events);
                    if (isStopped()) {
                        return;
                    }
                }
                events.restarted(name, Duration.between(ended, Instant.now()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean launchAgain(Events events) {
        try {
            launchAndAwait();
            return true;
        } catch (StartException e) {
            if (!isStopped()) {
                events.notBack(name, String.valueOf(e.getMessage()));
            }
            return false;
        }
    }

    private synchronized Process launch() throws IOException, StartException {
        if (stopped) {
            throw new StartException(name + " was stopped while starting");
        }
        Process started = new ProcessBuilder(command).redirectErrorStream(true).start();
        process = started;
        Files.writeString(pidFile, Long.toString(started.pid()));
        return started;
    }

    private void launchAndAwait() throws StartException {
        CompletableFuture<Boolean> said = new CompletableFuture<>();
        ready = false;
        try {
            Process started = launch();
            started.getOutputStream().close();
            Thread reader = new Thread(() -> copyOutput(started, said), "output-" + name);
            reader.setDaemon(true);
            reader.start();
            if (readyPort != 0) {
                Thread watch = new Thread(() -> awaitPort(started, said), "watch-" + name);
                watch.setDaemon(true);
                watch.start();
            }
            if (!said.get(readyWithin.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new StartException(name + " ended while starting: " + lastLine + " (all of it: " + logFile + ")");
            }
            ready = true;
        } catch (IOException | ExecutionException e) {
            throw new StartException(name + " could not be started: " + e.getMessage());
        } catch (TimeoutException e) {
            launched().destroyForcibly();
            throw new StartException(name + " was not ready within " + readyWithin.toSeconds() + " s; it last said: "
                    + lastLine + " (all of it: " + logFile + ")");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException(name + " was interrupted while starting");
        }
    }

    private void copyOutput(Process started, CompletableFuture<Boolean> said) {
        try (log;
                BufferedReader output =
                        new BufferedReader(new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                log.line(line);
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

    private void awaitPort(Process started, CompletableFuture<Boolean> said) {
        InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), readyPort);
        while (started.isAlive() && !said.isDone()) {
            try (Socket socket = new Socket()) {
                socket.connect(address, (int) LOOK_AGAIN.toMillis());
                said.complete(true);
            } catch (IOException e) {
                try {
                    Thread.sleep(LOOK_AGAIN.toMillis());
                } catch (InterruptedException interrupted) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
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
