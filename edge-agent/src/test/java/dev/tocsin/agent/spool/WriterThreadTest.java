package dev.tocsin.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tocsin.agent.SmallDisk;
import dev.tocsin.profiles.wire.Lane;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is asked of the writer's thread is done and on disk, or never done. */
class WriterThreadTest {
    private static final SpoolLimits WIDE = Spools.limits(1 << 30, 10_000, 1_000);
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final Duration SHORT = Duration.ofMillis(50);

    @TempDir
    Path folder;

    private final AtomicInteger done = new AtomicInteger();

    private Spool open(Path path) {
        Spool spool = Spools.of(path, WIDE);
        spool.start(commit -> {}, () -> {});
        return spool;
    }

    @Test
    void isAnsweredOnceItIsOnDisk() throws Exception {
        try (Spool spool = open(folder.resolve("spool.db"))) {
            WriterThread writer = new WriterThread(spool, LONG);
            String answer = writer.ask(draft -> {
                draft.keep("k", "a", new byte[1]);
                return "yes";
            });
            assertThat(answer).isEqualTo("yes");
            assertThat(spool.kept("k")).containsOnlyKeys("a");
        }
    }

    /** It used to be done in passing while the asker was told that it was not. */
    @Test
    void whatTheDiskRefusesIsNotDone() throws Exception {
        Path inTheWay = Files.createFile(folder.resolve("data"));
        try (Spool spool = open(inTheWay.resolve("spool.db"))) {
            WriterThread writer = new WriterThread(spool, LONG);
            assertThatThrownBy(() -> writer.ask(draft -> done.incrementAndGet()))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("did not take it");
            Files.delete(inTheWay);
            await().atMost(LONG).until(() -> !spool.refusing());
            Steps.commit(spool, draft -> draft.keep("k", "a", new byte[1]));
            assertThat(done).hasValue(0);
            int answer = writer.ask(draft -> done.incrementAndGet());
            assertThat(answer).isEqualTo(1);
        }
    }

    /** It used to be done later, after it was told to have failed. */
    @Test
    void whatWasGivenUpBeforeItsTurnIsNeverDone() throws Exception {
        try (Spool spool = open(folder.resolve("spool.db"))) {
            CountDownLatch gate = new CountDownLatch(1);
            spool.submit(
                    new Steps(draft -> {
                        try {
                            gate.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }),
                    LONG);
            WriterThread writer = new WriterThread(spool, SHORT);
            assertThatThrownBy(() -> writer.ask(draft -> done.incrementAndGet()))
                    .isInstanceOf(IOException.class);
            gate.countDown();
            Steps.commit(spool, draft -> draft.keep("k", "a", new byte[1]));
            assertThat(done).hasValue(0);
        }
    }

    /** A reply used to be told as not taken, and went out all the same when the disk took it. */
    @Test
    void whatWasBegunIsWaitedForUntilTheDiskHasIt() throws Exception {
        try (SmallDisk disk = new SmallDisk(folder.resolve("disk"), "4m");
                Spool spool = open(disk.folder.resolve("spool.db"))) {
            // Longer than until its turn comes, on a machine that has much to do.
            WriterThread writer = new WriterThread(spool, Duration.ofSeconds(3));
            disk.fill();
            CompletableFuture<Boolean> onDisk = CompletableFuture.supplyAsync(() -> {
                try {
                    return writer.runOrNever(draft -> draft.message(Lane.REPLY, new byte[500_000]));
                } catch (InterruptedException e) {
                    throw new IllegalStateException(e);
                }
            });
            await().atMost(LONG).until(spool::refusing);
            assertThat(writer.run(draft -> {})).as("another one").isFalse();
            // Longer than the patience.
            await().during(Duration.ofSeconds(4)).atMost(LONG).until(() -> !onDisk.isDone());
            disk.empty();
            await().atMost(LONG).until(onDisk::isDone);
            assertThat(onDisk).isCompletedWithValue(true);
            assertThat(spool.status().others()).isEqualTo(1);
        }
    }
}
