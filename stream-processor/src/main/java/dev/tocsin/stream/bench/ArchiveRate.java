package dev.tocsin.stream.bench;

import dev.tocsin.profiles.config.Settings;
import dev.tocsin.stream.ArchiveJob;
import dev.tocsin.stream.archive.ArchiveSettings;
import dev.tocsin.stream.run.JobConfig;
import dev.tocsin.stream.run.JobRun;
import dev.tocsin.stream.run.LocalRun;
import dev.tocsin.stream.source.Uplink;
import dev.tocsin.stream.store.Database;
import dev.tocsin.stream.store.SensingSchema;
import dev.tocsin.stream.store.ServerFeatures;
import dev.tocsin.stream.store.StoreSettings;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.postgresql.PGConnection;
import org.postgresql.copy.CopyManager;

/**
 * Measures the archive job on one subtask, from messages that were received already to committed rows, and beside it a
 * bare COPY of the same rows, as the job sends them, in one transaction into a table of the same columns, constraint and
 * index; then the size of what is stored, on TimescaleDB also when its policy has been at it. Prints one line of {@code
 * name=figure}. The database must hold no readings, and holds none afterwards.
 */
public final class ArchiveRate {
    private static final long LOOK_MS = 100;
    private static final String STORED =
            "select coalesce(sum(upper(r) - lower(r)), 0) from sensing.ledger, unnest(held) as r";
    private static final String TABLE_SIZE = "select pg_total_relation_size('sensing.reading')";
    private static final String CHUNKS_SIZE = "select public.hypertable_size('sensing.reading')";
    /** The job that compresses chunks of an age which those of {@link Traffic} have. */
    private static final String POLICY = "select job_id from timescaledb_information.jobs"
            + " where proc_name = 'policy_compression' and hypertable_name = 'reading'";

    private static final int BUFFER_BYTES = 1 << 16;

    private ArchiveRate() {}

    /**
     * Keys: {@code data} (a folder of its own), {@code rows} (at least), {@code devices}, {@code per-device}, and those
     * of the job.
     */
    public static void main(String[] args) {
        try {
            Settings settings = new Settings(args, Map.of());
            JobConfig config = JobConfig.read(settings, 0, 0);
            Database database = Database.read(settings);
            ArchiveSettings archive = ArchiveSettings.read(settings);
            Traffic traffic = new Traffic(
                    settings.integer("devices", "devices", 1_000, 1, 10_000_000),
                    settings.integer("per-device", "readings", 12, 1, Traffic.BATCH));
            long rows = settings.whole("rows", "rows", 20_000_000, 1, 10_000_000_000L);
            settings.finish();
            System.out.println(measure(config, database, archive, traffic, rows));
            System.exit(0);
        } catch (Exception e) {
            JobRun.exit(e);
        }
    }

    private static String measure(
            JobConfig config, Database database, ArchiveSettings archive, Traffic traffic, long rows) throws Exception {
        ServerFeatures features =
                SensingSchema.migrate(database, StoreSettings.DEFAULT).features();
        try (Connection connection = database.open()) {
            // Millions of rows in one statement take their time.
            connection.setNetworkTimeout(Runnable::run, 0);
            if (number(connection, "select count(*) from (select from sensing.reading limit 1) as one") > 0) {
                throw new IllegalStateException(database + " holds readings: name one that is empty");
            }
            Path folder = Files.createDirectories(config.data());
            Path messages = folder.resolve("messages");
            int rounds = traffic.rounds(rows);
            traffic.write(messages, 0, rounds);
            long expected = traffic.readings(rounds) + Traffic.MARKERS;
            long cpuBeganNs = ProcessTime.cpuNs();
            long beganNs = System.nanoTime();
            RecordedSource source = new RecordedSource(messages.toString(), false);
            LocalRun run = LocalRun.start(
                    ArchiveJob.NAME,
                    config,
                    env -> ArchiveJob.defineWorkflow(
                            env, new Uplink(source), ArchiveJob.Sinks.into(database, archive)));
            while (number(connection, STORED) < expected) {
                TimeUnit.MILLISECONDS.sleep(LOOK_MS);
            }
            long tookNs = System.nanoTime() - beganNs;
            long cpuNs = ProcessTime.cpuNs() - cpuBeganNs;
            run.close();
            Files.delete(messages);
            long copyNs = copyAgain(connection, folder.resolve("rows"), expected);
            long storedBytes = number(connection, features.hypertables() ? CHUNKS_SIZE : TABLE_SIZE);
            long compressedBytes = storedBytes;
            if (features.columnstore()) {
                compress(connection);
                compressedBytes = number(connection, CHUNKS_SIZE);
            }
            forget(connection);
            return String.format(
                    Locale.ROOT,
                    "rows=%d wall-ns=%d cpu-ns=%d copy-ns=%d timescale=%d stored-bytes=%d compressed-bytes=%d",
                    expected,
                    tookNs,
                    cpuNs,
                    copyNs,
                    features.columnstore() ? 1 : 0,
                    storedBytes,
                    compressedBytes);
        }
    }

    /** How long the server takes for the same rows when nobody does anything but send them. */
    private static long copyAgain(Connection connection, Path file, long expected) throws SQLException, IOException {
        CopyManager copy = connection.unwrap(PGConnection.class).getCopyAPI();
        try (OutputStream rows = Files.newOutputStream(file)) {
            copy.copyOut("copy (select * from sensing.reading) to stdout binary", rows);
        }
        execute(connection, "create table sensing.reading_bare (like sensing.reading including all)");
        connection.commit();
        long beganNs = System.nanoTime();
        try (InputStream rows = Files.newInputStream(file)) {
            long copied = copy.copyIn("copy sensing.reading_bare from stdin binary", rows, BUFFER_BYTES);
            connection.commit();
            if (copied != expected) {
                throw new IllegalStateException(copied + " rows are stored, " + expected + " were sent");
            }
            return System.nanoTime() - beganNs;
        } finally {
            Files.delete(file);
        }
    }

    /** As the server does of its own accord by and by: first the rows that are left, then what is in disorder. */
    private static void compress(Connection connection) throws SQLException {
        long job = number(connection, POLICY);
        connection.setAutoCommit(true);
        execute(connection, "call public.run_job(" + job + ")");
        execute(connection, "call public.run_job(" + job + ")");
        execute(connection, "vacuum sensing.reading");
        connection.setAutoCommit(false);
    }

    private static void forget(Connection connection) throws SQLException {
        execute(connection, "drop table sensing.reading_bare");
        execute(connection, "truncate sensing.reading, sensing.ledger, sensing.last_value, sensing.series");
        connection.commit();
    }

    private static long number(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            long number = row.getLong(1);
            connection.commit();
            return number;
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
