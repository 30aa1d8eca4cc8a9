package dev.tocsin.stream.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.stream.store.Database;
import dev.tocsin.stream.store.KillableServer;
import dev.tocsin.stream.store.Rows;
import dev.tocsin.stream.store.SensingSchema;
import dev.tocsin.stream.store.StoreSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Everything here is sent twice, as a job does that was restarted before its checkpoint. */
class StoreAwayTest {
    private static final int BATCH = 5_000;
    private static final Duration LONG = Duration.ofSeconds(90);

    private final ArchiveMetrics metrics = Given.metrics();

    @TempDir
    private Path folder;

    private KillableServer server;
    private Database database;

    @BeforeEach
    void start() throws Exception {
        server = new KillableServer(folder.resolve("pg"));
        database = server.database();
        SensingSchema.migrate(database, StoreSettings.DEFAULT);
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @Test
    void aServerKilledWhileRowsAreCopiedLosesNothingAndDoublesNothing() throws Exception {
        AtomicBoolean enough = new AtomicBoolean();
        CompletableFuture<Integer> writer = writing(enough);
        for (int kill = 0; kill < 3; kill++) {
            long before = metrics.rows();
            await().atMost(LONG).until(() -> metrics.rows() >= before + 8 * BATCH);
            server.kill();
            await().atMost(LONG).until(() -> !metrics.isStoreUp());
            server.start();
        }
        enough.set(true);
        int batches = writer.get();

        try (ReadingArchive restarted = Given.archive(database, Given.metrics())) {
            for (int batch = 0; batch < batches; batch++) {
                restarted.add(batch(batch));
                restarted.write();
            }
        }
        assertEveryReadingOnce((long) batches * BATCH);
        assertThat(metrics.retries()).isGreaterThanOrEqualTo(3);
        assertThat(metrics.refusedRows()).isZero();
    }

    @Test
    void aServerThatIsStoppedHoldsTheWriterUpUntilItIsBack() throws Exception {
        AtomicBoolean enough = new AtomicBoolean();
        CompletableFuture<Integer> writer = writing(enough);
        await().atMost(LONG).until(() -> metrics.rows() >= 2 * BATCH);

        server.stop();
        await().atMost(LONG).until(() -> metrics.retries() >= 4);
        assertThat(metrics.isStoreUp()).isFalse();
        assertThat(writer).isNotDone();

        long before = metrics.rows();
        server.start();
        await().atMost(LONG).until(() -> metrics.isStoreUp() && metrics.rows() > before);
        enough.set(true);
        assertEveryReadingOnce((long) writer.get() * BATCH);
    }

    @Test
    void aWriterWhoseSchemaIsMissingWaitsForIt() throws Exception {
        Rows.execute(database, "alter schema sensing rename to elsewhere");
        CompletableFuture<Integer> writer = writing(new AtomicBoolean(true));
        await().atMost(LONG).until(() -> metrics.retries() >= 2);

        Rows.execute(database, "alter schema elsewhere rename to sensing");
        assertThat(writer.get()).isEqualTo(1);
        assertEveryReadingOnce(BATCH);
    }

    /** Writes batch after batch, the first at least, and answers how many. */
    private CompletableFuture<Integer> writing(AtomicBoolean enough) {
        return CompletableFuture.supplyAsync(() -> {
            try (ReadingArchive archive = Given.archive(database, metrics)) {
                int batch = 0;
                do {
                    archive.add(batch(batch++));
                    archive.write();
                } while (!enough.get());
                return batch;
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
    }

    private static SpooledReadings batch(int batch) {
        return Given.spooled("gw-1", "dev-1", 1 + (long) batch * BATCH, BATCH);
    }

    private void assertEveryReadingOnce(long readings) throws Exception {
        assertThat(
                        Rows.of(
                                database,
                                "select count(*), count(distinct value), min(value)::int8, max(value)::int8 from sensing.reading"))
                .containsExactly(List.of(readings, readings, 1L, readings));
        assertThat(Rows.of(database, "select held::text from sensing.ledger"))
                .containsExactly(List.of("{[1," + (readings + 1) + ")}"));
    }
}
