package dev.tocsin.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tocsin.agent.SmallDisk;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Sequences;
import dev.tocsin.profiles.wire.Sequences.Range;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the spool does with alerts and documents while the disk takes nothing, and in which order it stores them then. */
class RefusingDiskTest {
    private static final SpoolLimits WIDE = Spools.limits(1 << 30, 10_000, 1_000);
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private static void submit(Spool spool, Work work) {
        assertThat(spool.submit(work, LONG)).isTrue();
    }

    private static void awaitKept(Steps steps) {
        await().atMost(LONG).until(() -> steps.done().isDone());
    }

    /** It used to be written over by what was kept before the file could be opened: the alert was open again after a start. */
    @Test
    void whatIsTakenAfterALateOpeningIsNewerThanWhatWasKeptBefore() throws Exception {
        Path inTheWay = Files.createFile(folder.resolve("data"));
        try (Spool spool = Spools.of(inTheWay.resolve("spool.db"), WIDE)) {
            Steps cleared = new Steps(draft -> draft.keep("alert", "a", null));
            spool.start(commit -> {}, () -> submit(spool, cleared));
            CountDownLatch raised = new CountDownLatch(1);
            submit(spool, new Steps(draft -> {
                draft.keep("alert", "a", new byte[] {1});
                draft.keep("alert", "b", new byte[] {2});
                raised.countDown();
            }));
            await().atMost(LONG).until(() -> raised.getCount() == 0);
            Files.delete(inTheWay);
            awaitKept(cleared);
            assertThat(spool.kept("alert")).containsOnlyKeys("b");
        }
    }

    @Test
    void whatFollowsFromALookInPassingIsStoredInItsOrder() throws Exception {
        try (Spool spool = Spools.of(folder.resolve("spool.db"), WIDE)) {
            spool.start(commit -> {}, () -> {});
            CountDownLatch gate = new CountDownLatch(1);
            submit(spool, new Steps(draft -> {
                try {
                    gate.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
            submit(spool, new Passing(draft -> {
                draft.keep("alert", "a", new byte[] {1});
                draft.message(Lane.ALERT, new byte[] {1});
            }));
            Steps cleared = new Steps(draft -> draft.keep("alert", "a", null));
            submit(spool, cleared);
            gate.countDown();
            awaitKept(cleared);
            assertThat(spool.kept("alert")).isEmpty();
            assertThat(spool.status().alerts()).isEqualTo(1);
        }
    }

    private record Passing(Consumer<Draft> step) implements Work {
        @Override
        public int weight() {
            return 1;
        }

        @Override
        public void into(Draft draft) {
            step.accept(draft);
        }

        @Override
        public void indigestible(Draft draft, RuntimeException cause) {
            throw cause;
        }

        @Override
        public void kept() {
            throw new IllegalStateException("it is not to be kept");
        }

        @Override
        public boolean lasting() {
            return false;
        }
    }

    /** Those after it were told from memory, this one waited for the disk. */
    @Test
    void theAlertWhoseCommitIsTheFirstToBeRefusedIsToldFromMemory() throws Exception {
        try (SmallDisk disk = new SmallDisk(folder.resolve("disk"), "4m")) {
            Path file = disk.folder.resolve("spool.db");
            long bytes = refusedAlert(disk, file);
            assertThat(bytes)
                    .as("counted on from before the refusal")
                    .isEqualTo(summary(file, null).usage().bytes());
        }
    }

    private long refusedAlert(SmallDisk disk, Path file) throws Exception {
        try (Spool spool = Spools.of(file, WIDE)) {
            CountDownLatch told = new CountDownLatch(1);
            spool.start(
                    commit -> {
                        if (commit.messages()) {
                            told.countDown();
                        }
                    },
                    () -> {});
            Steps.store(spool, "a", 0, 10);
            disk.fill();
            byte[] alert = new byte[500_000];
            Steps raised = new Steps(draft -> draft.message(Lane.ALERT, alert));
            submit(spool, raised);
            await().atMost(LONG).until(() -> told.getCount() == 0);
            assertThat(spool.unsavedAlerts(0, 10))
                    .singleElement()
                    .satisfies(one -> assertThat(one.body()).isEqualTo(alert));
            assertThat(raised.done()).as("on disk").isNotDone();

            disk.empty();
            awaitKept(raised);
            assertThat(spool.unsavedAlerts()).isZero();
            assertThat(spool.status().alerts()).isEqualTo(1);
            return spool.status().bytes();
        }
    }

    /** A commit may have come to the disk although it failed; what changed after that attempt did not. */
    @Test
    void ofWhatAnAttemptTookAlongOnlyWhatDidNotChangeSinceIsOnDisk() {
        Unsaved unsaved = new Unsaved();
        unsaved.addDocuments(List.of(new Draft.Kept("alert", "a", new byte[1]), new Draft.Kept("alert", "b", null)));
        unsaved.addAlerts(List.of(new byte[] {1}));
        Unsaved.Content attempted = unsaved.content();
        Draft.Kept changed = new Draft.Kept("alert", "a", null);
        unsaved.addDocuments(List.of(changed));
        unsaved.addAlerts(List.of(new byte[] {2}));
        unsaved.saved(attempted);
        assertThat(unsaved.alerts()).isEqualTo(1);
        assertThat(unsaved.takeDocuments()).containsExactly(changed);
        assertThat(unsaved.content().documents()).isEmpty();
    }

    /** It used to be forgotten with the rows that a commit deleted, though that failed: the row was never free of it. */
    @Test
    void whatTheBrokerHasOfARowIsKnownAfterACommitThatFailed() throws Exception {
        Path path = folder.resolve("spool.db");
        Sequences confirmed = new Sequences();
        Redelivery redelivery = new Redelivery(16, Spools.monotonicMs(), way -> null, List.of());
        Redelivery.Changes nothing = new Redelivery.Changes(List.of(), List.of(), List.of());
        Redelivery.Row row = new Redelivery.Row(1, Via.COAP, 1, 0, new long[] {7});
        Redelivery.Changes twice = new Redelivery.Changes(List.of(row, row), List.of(), List.of());
        try (SpoolFile file = new SpoolFile(path, WIDE, confirmed, null)) {
            for (int i = 1; i <= 100; i++) {
                Draft draft = new Draft(new RecentReadings(new long[0]), redelivery);
                draft.readings("a", "p", false, List.of(new Reading("a", "temperature", i, i, i, Quality.GOOD)));
                file.commit(draft, with(i, 0), nothing);
            }
            Draft empty = new Draft(new RecentReadings(new long[0]), redelivery);
            file.commit(empty, with(101, 60_000), nothing);
            assertThat(file.usage().blocks()).as("packed together").isEqualTo(1);
            Draft last = new Draft(new RecentReadings(new long[0]), redelivery);
            last.readings("a", "p", false, List.of(new Reading("a", "temperature", 0, 0, 0, Quality.GOOD)));
            file.commit(last, with(102, 60_000, new Range(1, 40)), nothing);
            assertThat(file.usage().blocks()).isEqualTo(2);
            assertThatThrownBy(
                            () -> file.commit(empty, with(103, 60_000, new Range(41, 100), new Range(101, 101)), twice))
                    .isInstanceOf(SQLException.class);
        }
        try (SpoolFile file = new SpoolFile(path, WIDE, confirmed, null)) {
            assertThat(file.usage().blocks()).isEqualTo(2);
            Draft empty = new Draft(new RecentReadings(new long[0]), redelivery);
            file.commit(empty, with(103, 60_000, new Range(41, 100), new Range(101, 101)), nothing);
            assertThat(file.usage().blocks()).isZero();
            assertThat(confirmed.size).isZero();
        }
    }

    private static SpoolFile.Circumstances with(long commit, long ageMs, Range... confirmed) {
        SpoolFile.Freed freed = new SpoolFile.Freed(List.of(confirmed), List.of(), List.of(), List.of());
        return new SpoolFile.Circumstances(
                Unsaved.Content.NOTHING, freed, new SpoolFile.State(commit, ageMs, 0), 1_000_000);
    }

    /** Two damaged files used to stand in the way of the third for ever, and each attempt read it as a whole. */
    @Test
    void whatWasSetAsideGivesWayToWhatIsToBeSaved() throws Exception {
        byte[] body = new byte[400_000];
        new Random(4711).nextBytes(body);
        try (SmallDisk disk = new SmallDisk(folder.resolve("disk"), "6m")) {
            Path file = disk.folder.resolve("spool.db");
            try (Spool spool = Spools.of(file, WIDE)) {
                spool.start(commit -> {}, () -> {});
                for (int i = 0; i < 4; i++) {
                    Steps.commit(spool, draft -> draft.message(Lane.REJECTED, body));
                }
            }
            for (int round = 0; round < 3; round++) {
                try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                    channel.write(ByteBuffer.wrap(body, 0, 16), 0);
                }
                try (Spool spool = Spools.of(file, WIDE)) {
                    spool.start(commit -> {}, () -> {});
                    await().atMost(LONG).until(() -> spool.status().others() == 4);
                    Steps.store(spool, "a", round * 10, round * 10 + 10);
                }
            }
        }
    }

    /** On a slow disk that takes half a minute, every five seconds, on the thread that judges. */
    @Test
    void aFileThatIsOpenedAgainIsReadAsAWholeOnlyWhereItHasChanged() throws Exception {
        Path file = folder.resolve("spool.db");
        try (Spool spool = Spools.of(file, WIDE)) {
            spool.start(commit -> {}, () -> {});
            Steps.store(spool, "a", 0, 10);
            Steps.store(spool, "a", 10, 20);
        }
        SpoolFile.Summary asRead = summary(file, null);
        Usage remembered = asRead.usage().plusBlocks(4_711, 1);
        SpoolFile.Summary same = new SpoolFile.Summary(asRead.epoch(), asRead.commit(), remembered, 7);
        assertThat(summary(file, same)).isEqualTo(same);
        assertThat(summary(file, new SpoolFile.Summary(asRead.epoch(), asRead.commit() - 1, remembered, 7)))
                .isEqualTo(asRead);
        assertThat(summary(file, new SpoolFile.Summary("another", asRead.commit(), remembered, 7)))
                .isEqualTo(asRead);
    }

    private static SpoolFile.Summary summary(Path file, SpoolFile.@Nullable Summary known) throws Exception {
        try (SpoolFile opened = new SpoolFile(file, WIDE, new Sequences(), known)) {
            return opened.summary();
        }
    }
}
