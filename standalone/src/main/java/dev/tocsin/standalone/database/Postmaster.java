package dev.tocsin.standalone.database;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A running PostgreSQL server that serves one cluster folder: ours, or one that a killed Tocsin left behind. */
record Postmaster(ProcessHandle process, Path cluster) {
    private static final String PID_FILE = "postmaster.pid";

    /** Clients are cut off, the data is written: nothing to recover at the next start. */
    private static final String FAST = "INT";
    /** At once; the next start recovers from the log. */
    private static final String IMMEDIATE = "QUIT";

    private static final Duration FAST_WITHIN = Duration.ofSeconds(8);
    private static final Duration IMMEDIATE_WITHIN = Duration.ofSeconds(5);

    /** The system needs no longer to take a process away that was killed. */
    private static final Duration KILLED_WITHIN = Duration.ofSeconds(1);

    /**
     * The server that serves this folder now. The number in {@code postmaster.pid} may by now be anybody's: only a
     * process called postgres that stands in this very folder, as every postmaster does, is taken for ours.
     */
    static Optional<Postmaster> serving(Path cluster) throws IOException {
        Path file = cluster.resolve(PID_FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(file);
        if (lines.isEmpty() || !lines.get(0).strip().matches("\\d{1,9}")) {
            return Optional.empty();
        }
        return ProcessHandle.of(Long.parseLong(lines.get(0).strip()))
                .map(process -> new Postmaster(process, cluster))
                .filter(Postmaster::isOurs);
    }

    /** Removes the mark of a server that is no more; a reused process number would block the start for ever. */
    static void removeStaleMark(Path cluster) throws IOException {
        if (serving(cluster).isEmpty()) {
            Files.deleteIfExists(cluster.resolve(PID_FILE));
        }
    }

    boolean isOurs() {
        Path facts = Path.of("/proc", Long.toString(process.pid()));
        try {
            String program = Files.readString(facts.resolve("cmdline"), StandardCharsets.UTF_8)
                    .split("\0", 2)[0];
            return process.isAlive()
                    && program.endsWith("/postgres")
                    && Files.readSymbolicLink(facts.resolve("cwd")).equals(cluster);
        } catch (IOException e) {
            return false; // It ended meanwhile, or belongs to a stranger.
        }
    }

    /** Stops the server and returns when it is gone. */
    void stop() throws IOException {
        stop(FAST_WITHIN, IMMEDIATE_WITHIN);
    }

    /**
     * @param fast how long its clean end may take
     * @param immediate how long it may take to end without, before it is killed
     */
    void stop(Duration fast, Duration immediate) throws IOException {
        if (!isOurs() || (!fast.isZero() && ended(FAST, fast)) || !isOurs() || ended(IMMEDIATE, immediate)) {
            return;
        }
        process.destroyForcibly();
        if (!endedWithin(KILLED_WITHIN)) {
            throw new IOException("PostgreSQL, process " + process.pid() + ", does not end");
        }
    }

    private boolean ended(String signal, Duration within) throws IOException {
        signal(signal);
        return endedWithin(within);
    }

    private boolean endedWithin(Duration time) throws IOException {
        CompletableFuture<ProcessHandle> exit = process.onExit();
        try {
            exit.get(time.toMillis(), TimeUnit.MILLISECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (ExecutionException e) {
            throw new IOException("waiting for PostgreSQL to end", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while PostgreSQL was ending", e);
        }
    }

    private void signal(String name) throws IOException {
        // Java itself can send TERM only, which to PostgreSQL means: wait until every client has left.
        Process kill = new ProcessBuilder("sh", "-c", "kill -" + name + " " + process.pid())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            kill.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while PostgreSQL was told to end", e);
        }
    }
}
