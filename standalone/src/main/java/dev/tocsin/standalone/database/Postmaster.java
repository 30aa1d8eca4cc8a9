package dev.tocsin.standalone.database;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A running PostgreSQL server that serves one cluster folder: ours, or one that a killed Tocsin left behind. */
record Postmaster(ProcessHandle process, Path cluster) {
    private static final String PID_FILE = "postmaster.pid";

    /** How PostgreSQL is told to go. */
    enum Shutdown {
        /** Clients are cut off, the data is written: nothing to recover at the next start. */
        FAST("INT", 8),
        /** At once; the next start recovers from the log. */
        IMMEDIATE("QUIT", 5);

        private final String signal;
        private final long waitSeconds;

        Shutdown(String signal, long waitSeconds) {
            this.signal = signal;
            this.waitSeconds = waitSeconds;
        }
    }

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
        for (Shutdown way : Shutdown.values()) {
            if (!isOurs() || ended(way)) {
                return;
            }
        }
        process.destroyForcibly();
        if (!endedWithin(Shutdown.IMMEDIATE.waitSeconds)) {
            throw new IOException("PostgreSQL, process " + process.pid() + ", does not end");
        }
    }

    private boolean ended(Shutdown way) throws IOException {
        signal(way.signal);
        return endedWithin(way.waitSeconds);
    }

    private boolean endedWithin(long seconds) throws IOException {
        CompletableFuture<ProcessHandle> exit = process.onExit();
        try {
            exit.get(seconds, TimeUnit.SECONDS);
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
