package dev.tocsin.standalone.database;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * A PostgreSQL server of our own as a child process: what it committed is on the disk, also after a {@code kill -9} of
 * it, of this process, or of both. It listens on 127.0.0.1 only and knows no trust without a password. For one thread,
 * except {@link #onExit}, {@link #isAlive} and {@link #close}.
 */
public final class EmbeddedPostgres implements AutoCloseable {
    public static final int DEFAULT_PORT = 5433;

    private static final long START_SECONDS = 60;
    private static final long POLL_MS = 25;
    /** A killed server's children may need a moment to notice. */
    private static final int ATTEMPTS = 20;

    private static final long BETWEEN_ATTEMPTS_MS = 500;

    /** A server that has not served yet. */
    private static final Duration NOTHING_TO_WRITE = Duration.ofSeconds(1);

    private static final String STARTING_UP = "57P03";

    /** For two cores that are shared with everything else, and for writes that come in large batches. */
    private static final Map<String, String> SERVER_SETTINGS = Map.ofEntries(
            Map.entry("listen_addresses", "127.0.0.1"),
            Map.entry("unix_socket_directories", ""),
            Map.entry("fsync", "on"),
            Map.entry("synchronous_commit", "on"),
            Map.entry("full_page_writes", "on"),
            Map.entry("max_connections", "50"),
            Map.entry("shared_buffers", "128MB"),
            Map.entry("work_mem", "8MB"),
            Map.entry("maintenance_work_mem", "128MB"),
            Map.entry("wal_buffers", "16MB"),
            Map.entry("min_wal_size", "256MB"),
            Map.entry("max_wal_size", "4GB"),
            Map.entry("checkpoint_timeout", "15min"),
            Map.entry("checkpoint_completion_target", "0.9"),
            Map.entry("max_worker_processes", "4"),
            Map.entry("max_parallel_workers_per_gather", "1"),
            Map.entry("jit", "off"),
            Map.entry("timezone", "UTC"),
            Map.entry("log_timezone", "UTC"),
            // One file a weekday, each written over a week later.
            Map.entry("logging_collector", "on"),
            Map.entry("log_filename", "postgresql-%a.log"),
            Map.entry("log_truncate_on_rotation", "on"),
            Map.entry("log_rotation_size", "0"));

    private final DatabaseFolder folder;
    private final Postmaster postmaster;
    private final int port;

    private EmbeddedPostgres(DatabaseFolder folder, Postmaster postmaster, int port) {
        this.folder = folder;
        this.postmaster = postmaster;
        this.port = port;
    }

    /**
     * Starts the server and returns when it accepts connections. A server that a killed Tocsin left behind on this
     * folder is stopped first; nobody else's is ever touched.
     *
     * @param dataFolder made at the first start and kept
     * @param port TCP port on 127.0.0.1; 0 for any that is free
     * @throws IOException in one line: the port is in use, the folder cannot be written or is another Tocsin's, or what
     *     PostgreSQL said
     */
    public static EmbeddedPostgres start(Path dataFolder, int port) throws IOException {
        return start(dataFolder, port, () -> false);
    }

    /** @param givenUp looked at while it starts: true, and the start ends at once with an exception */
    public static EmbeddedPostgres start(Path dataFolder, int port, BooleanSupplier givenUp) throws IOException {
        return start(dataFolder, port, RunAs.choose(), givenUp);
    }

    /**
     * Stops the server that a killed Tocsin left behind on this folder.
     *
     * @return whether there was one
     */
    public static boolean stopLeftBehind(Path dataFolder) throws IOException {
        if (!Files.isDirectory(dataFolder)) {
            return false;
        }
        try (DatabaseFolder folder = DatabaseFolder.open(dataFolder)) {
            Optional<Postmaster> leftBehind = Postmaster.serving(folder.cluster());
            if (leftBehind.isPresent()) {
                leftBehind.get().stop();
            }
            return leftBehind.isPresent();
        }
    }

    /** Whether a server of ours was ever made in this folder. */
    public static boolean isIn(Path dataFolder) {
        return Files.isDirectory(dataFolder.resolve("cluster"));
    }

    /** Whether a server of ours serves this folder now, whoever started it. */
    public static boolean isServing(Path dataFolder) throws IOException {
        return isIn(dataFolder)
                && Postmaster.serving(dataFolder.toRealPath().resolve("cluster"))
                        .isPresent();
    }

    /** Of a server that somebody started on that port; without user and password. */
    public static String jdbcUrl(int port) {
        return Schemas.url(port, Schemas.DATABASE);
    }

    /** Where the server that serves a folder keeps the password of a role. */
    public static Path passwordFile(Path dataFolder, DatabaseRole role) {
        return dataFolder.resolve(role.user() + ".password");
    }

    static EmbeddedPostgres start(Path dataFolder, int port, RunAs runAs, BooleanSupplier givenUp) throws IOException {
        DatabaseFolder folder = DatabaseFolder.open(dataFolder);
        try {
            Optional<Postmaster> leftBehind = Postmaster.serving(folder.cluster());
            if (leftBehind.isPresent()) {
                leftBehind.get().stop();
            }
            int usable = requireFreePort(port);
            Programs programs = Programs.in(folder.root());
            if (!Files.exists(folder.cluster())) {
                initialise(folder, programs, runAs, givenUp);
            }
            Postmaster.removeStaleMark(folder.cluster());
            Postmaster postmaster = serve(folder, programs, runAs, usable, givenUp);
            EmbeddedPostgres started = new EmbeddedPostgres(folder, postmaster, usable);
            try {
                Schemas.prepare(folder, usable);
            } catch (SQLException e) {
                postmaster.stop();
                throw new IOException("the database could not be prepared: " + e.getMessage(), e);
            }
            return started;
        } catch (IOException | RuntimeException e) {
            folder.close();
            throw e;
        }
    }

    /** Without user and password; for every role the same. */
    public String jdbcUrl() {
        return jdbcUrl(port);
    }

    public int port() {
        return port;
    }

    public long pid() {
        return postmaster.process().pid();
    }

    public String password(DatabaseRole role) throws IOException {
        return folder.password(role);
    }

    /** Where the password is kept, for processes that take {@code database.password-file}. */
    public Path passwordFile(DatabaseRole role) {
        return folder.passwordFile(role);
    }

    public boolean isAlive() {
        return postmaster.process().isAlive();
    }

    /** Done when the server has ended, for whatever reason. */
    public CompletableFuture<ProcessHandle> onExit() {
        return postmaster.process().onExit();
    }

    /** Stops the server: clients are cut off, the data is written. */
    public void stop() throws IOException {
        try {
            postmaster.stop();
        } finally {
            folder.close();
        }
    }

    /**
     * The same within bounds.
     *
     * @param fast how long its clean end may take
     * @param immediate how long it may take to end without (the next start recovers), before it is killed
     */
    public void stop(Duration fast, Duration immediate) throws IOException {
        try {
            postmaster.stop(fast, immediate);
        } finally {
            folder.close();
        }
    }

    @Override
    public void close() throws IOException {
        stop();
    }

    /** Into a folder beside, renamed when it is whole: a start that was cut off leaves nothing half made. */
    private static void initialise(DatabaseFolder folder, Programs programs, RunAs runAs, BooleanSupplier givenUp)
            throws IOException {
        Path fresh = folder.root().resolve("cluster.new");
        DatabaseFolder.deleteTree(fresh);
        Files.createDirectory(
                fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        runAs.handOver(fresh);
        Path password = Files.createTempFile(folder.root(), "password", null);
        try {
            Files.writeString(password, folder.password(DatabaseRole.OWNER));
            runAs.handOver(password);
            Process initdb = new ProcessBuilder(runAs.command(List.of(
                            programs.initdb().toString(),
                            "--pgdata=" + fresh,
                            "--username=" + DatabaseRole.OWNER.user(),
                            "--pwfile=" + password,
                            "--auth=scram-sha-256",
                            "--encoding=UTF8",
                            // The same order on every machine, whatever locales it has.
                            "--locale-provider=builtin",
                            "--builtin-locale=C.UTF-8",
                            "--locale=C")))
                    .redirectErrorStream(true)
                    .redirectOutput(folder.startLog().toFile())
                    .start();
            if (await(initdb, givenUp) != 0) {
                throw new IOException("PostgreSQL's folder could not be made: " + lastWords(folder));
            }
        } finally {
            Files.deleteIfExists(password);
        }
        Files.move(fresh, folder.cluster(), StandardCopyOption.ATOMIC_MOVE);
    }

    private static Postmaster serve(
            DatabaseFolder folder, Programs programs, RunAs runAs, int port, BooleanSupplier givenUp)
            throws IOException {
        for (int attempt = 1; ; attempt++) {
            requireWanted(givenUp);
            Process process = launch(folder, programs, runAs, port);
            try {
                if (isServing(folder, process, port, givenUp)) {
                    return new Postmaster(process.toHandle(), folder.cluster());
                }
            } catch (IOException e) {
                new Postmaster(process.toHandle(), folder.cluster()).stop(Duration.ZERO, NOTHING_TO_WRITE);
                // Not yet a postmaster, it is not taken for one.
                process.destroyForcibly();
                throw e;
            }
            String said = lastWords(folder);
            boolean predecessorLingers = said.contains("pre-existing shared memory block");
            if (!predecessorLingers || attempt == ATTEMPTS) {
                throw new IOException("PostgreSQL did not start: " + said);
            }
            pause(BETWEEN_ATTEMPTS_MS);
        }
    }

    private static Process launch(DatabaseFolder folder, Programs programs, RunAs runAs, int port) throws IOException {
        List<String> server = new ArrayList<>(
                List.of(programs.postgres().toString(), "-D", folder.cluster().toString(), "-c", "port=" + port));
        SERVER_SETTINGS.forEach((name, value) -> server.addAll(List.of("-c", name + "=" + value)));
        // A session of its own: Ctrl-C at the terminal is for us, who then stop the server after those who write to it.
        List<String> command = new ArrayList<>(List.of("setsid"));
        command.addAll(runAs.command(server));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(folder.startLog().toFile())
                .start();
    }

    /** True when it accepts connections, false when it ended instead. */
    private static boolean isServing(DatabaseFolder folder, Process process, int port, BooleanSupplier givenUp)
            throws IOException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (process.isAlive()) {
            requireWanted(givenUp);
            try (Connection connection = Schemas.connect(folder, port, "postgres")) {
                return connection.isValid(1);
            } catch (SQLException e) {
                boolean notYet = e.getSQLState() == null
                        || e.getSQLState().startsWith("08")
                        || e.getSQLState().equals(STARTING_UP);
                if (!notYet || System.nanoTime() > deadline) {
                    throw new IOException("PostgreSQL does not accept connections: " + e.getMessage(), e);
                }
            }
            pause(POLL_MS);
        }
        return false;
    }

    private static int requireFreePort(int port) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return probe.getLocalPort();
        } catch (IOException e) {
            throw new IOException(
                    "the database cannot listen on 127.0.0.1:" + port + ": the port is in use (" + e.getMessage() + ")",
                    e);
        }
    }

    private static String lastWords(DatabaseFolder folder) throws IOException {
        List<String> lines = Files.readAllLines(folder.startLog());
        List<String> telling = lines.stream()
                .filter(line -> line.contains("FATAL") || line.contains("ERROR") || line.contains("error:"))
                .toList();
        List<String> words = telling.isEmpty() ? lines : telling;
        String last = words.isEmpty() ? "nothing" : words.get(words.size() - 1);
        return "'" + last.strip() + "' (see " + folder.startLog() + ")";
    }

    private static int await(Process process, BooleanSupplier givenUp) throws IOException {
        try {
            while (!process.waitFor(POLL_MS, TimeUnit.MILLISECONDS)) {
                requireWanted(givenUp);
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while PostgreSQL was starting", e);
        } finally {
            process.destroyForcibly();
        }
    }

    private static void requireWanted(BooleanSupplier givenUp) throws IOException {
        if (givenUp.getAsBoolean()) {
            throw new IOException("PostgreSQL was stopped while starting");
        }
    }

    private static void pause(long ms) throws IOException {
        try {
            TimeUnit.MILLISECONDS.sleep(ms);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while PostgreSQL was starting", e);
        }
    }
}
