package dev.tocsin.stream.store;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;

/** An embedded PostgreSQL of its own that can be killed, stopped and started again on the same folder and port. */
public final class KillableServer implements AutoCloseable {
    private final Path folder;
    private EmbeddedPostgres server;
    private final int port;

    public KillableServer(Path folder) throws IOException {
        this.folder = folder;
        server = EmbeddedPostgres.builder()
                .setDataDirectory(folder)
                .setCleanDataDirectory(false)
                .start();
        port = server.getPort();
    }

    public Database database() {
        return new Database("jdbc:postgresql://127.0.0.1:" + port + "/postgres", "postgres", "");
    }

    /** SIGKILL to the postmaster, as the kernel does when memory is short. */
    public void kill() throws IOException {
        String pid = Files.readAllLines(folder.resolve("postmaster.pid")).get(0).strip();
        ProcessHandle postmaster = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
        postmaster.destroyForcibly();
        Awaitility.await().until(() -> !postmaster.isAlive());
        // Says that there is nothing to stop, and lets go of the folder.
        server.close();
    }

    public void stop() throws IOException {
        server.close();
    }

    /** Tries again for as long as processes of a killed server hold on to its memory. */
    public void start() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(60))
                .pollDelay(Duration.ZERO)
                .ignoreExceptions()
                .until(() -> {
                    server = EmbeddedPostgres.builder()
                            .setDataDirectory(folder)
                            .setCleanDataDirectory(false)
                            .setPort(port)
                            .start();
                    return true;
                });
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
