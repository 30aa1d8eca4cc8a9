package dev.tocsin.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Sequences;
import dev.tocsin.profiles.wire.Sequences.Range;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A damaged spool never keeps the agent from running; what can be read of it is saved, and what is lost is told. */
class SpoolDamageTest {
    private static final SpoolLimits WIDE = Spools.limits(1 << 30, 10_000, 1_000);
    private static final int BLOCKS = 120;
    private static final int PER_BLOCK = 100;
    private static final long SEED = 4711;
    private static final Duration LONG = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    private Path file;
    private String epoch;

    @BeforeEach
    void fill() throws Exception {
        file = folder.resolve("spool.db");
        try (Spool spool = open()) {
            epoch = spool.epoch();
            for (int i = 0; i < BLOCKS; i++) {
                Steps.store(spool, "device-" + i, i * PER_BLOCK, (i + 1) * PER_BLOCK);
            }
            Steps.commit(spool, draft -> {
                draft.message(Lane.ALERT, new byte[500]);
                draft.keep("alert", "a", new byte[] {1});
            });
        }
    }

    private Spool open() {
        Spool spool = Spools.of(file, WIDE);
        spool.start(commit -> {}, () -> {});
        return spool;
    }

    private void write(long at, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(bytes), at);
        }
    }

    /** And damages the file so that it is seen at once. */
    private void change(String... statements) throws Exception {
        changeOnly(statements);
        write(0, garbage(16));
    }

    private void changeOnly(String... statements) throws Exception {
        try (var connection = java.sql.DriverManager.getConnection("jdbc:sqlite:" + file);
                var statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.executeUpdate(sql);
            }
        }
    }

    private static byte[] garbage(int length) {
        byte[] bytes = new byte[length];
        new Random(SEED).nextBytes(bytes);
        return bytes;
    }

    /** What can be read, and checks that it is what was stored. */
    private static Sequences readable(Spool spool) {
        Sequences readable = new Sequences();
        try (SpoolReader reader = spool.reader()) {
            for (SpoolReader.Row row : reader.blocks(0, Sequences.LAST, Integer.MAX_VALUE)) {
                assertThat(row.bodies()).isNotEmpty();
                readable.add(row.first(), row.last());
            }
        }
        return readable;
    }

    private static long count(Sequences sequences) {
        return sequences.ranges().stream()
                .mapToLong(range -> range.last() - range.first() + 1)
                .sum();
    }

    /** It takes something new, under a sequence that was never given out. */
    private static void assertGoesOn(Spool spool) throws Exception {
        long before = spool.lastSequence();
        assertThat(before).isGreaterThanOrEqualTo(BLOCKS * PER_BLOCK);
        Steps.store(spool, "new", 1_000_000, 1_000_001);
        assertThat(spool.lastSequence()).isEqualTo(before + 1);
        assertThat(spool.status().fault()).isNull();
    }

    private List<Path> setAside() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(path -> path.getFileName().toString().matches("spool\\.db\\.damaged-\\d+"))
                    .toList();
        }
    }

    @Test
    void aHeaderOfGarbageCostsNothing() throws Exception {
        write(0, garbage(100));
        try (Spool spool = open()) {
            assertThat(count(readable(spool))).isEqualTo(BLOCKS * PER_BLOCK);
            assertThat(spool.status().replacedFiles()).isEqualTo(1);
            assertThat(spool.status().damaged().readings()).isZero();
            assertThat(spool.epoch()).isEqualTo(epoch);
            assertThat(spool.incarnation()).startsWith(epoch + ".");
            assertThat(spool.status().alerts()).isEqualTo(1);
            assertThat(spool.kept("alert")).containsOnlyKeys("a");
            assertGoesOn(spool);
        }
        assertThat(setAside()).hasSize(1);
    }

    @Test
    void aFirstPageOfGarbageCostsNothingEither() throws Exception {
        write(0, garbage(4096));
        try (Spool spool = open()) {
            assertThat(count(readable(spool))).isEqualTo(BLOCKS * PER_BLOCK);
            assertGoesOn(spool);
        }
    }

    @Test
    void ofAFileThatIsCutOffWhatIsLeftIsSavedAndWhatIsGoneIsTold() throws Exception {
        long size = Files.size(file);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(size / 2 / 4096 * 4096);
        }
        try (Spool spool = open()) {
            long saved = count(readable(spool));
            assertThat(saved).isBetween(1L, BLOCKS * PER_BLOCK - 1L);
            assertThat(spool.status().damaged().readings() + saved).isGreaterThanOrEqualTo(BLOCKS * PER_BLOCK);
            assertGoesOn(spool);
        }
    }

    @Test
    void anEmptyFileIsBegunAnewAndNoSequenceIsGivenTwice() throws Exception {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(0);
        }
        try (Spool spool = open()) {
            assertThat(spool.status().moreDamaged()).isTrue();
            assertThat(spool.epoch()).isEqualTo(epoch);
            assertGoesOn(spool);
        }
    }

    @Test
    void whatLiesBetweenPagesThatAreBrokenIsSavedAndTheRangesInThemAreTold() throws Exception {
        long pages = Files.size(file) / 4096;
        for (long page = pages / 4; page < pages; page += pages / 4) {
            write(page * 4096, garbage(4096));
        }
        try (Spool spool = open()) {
            await().atMost(LONG).ignoreExceptions().until(() -> readable(spool).size > 0);
            Sequences readable = readable(spool);
            Sequences told = new Sequences();
            try (SpoolReader reader = spool.reader()) {
                reader.evicted().forEach(range -> told.add(range.first(), range.last()));
            }
            assertThat(count(readable)).isGreaterThan(BLOCKS * PER_BLOCK / 2);
            for (Range gone : readable.missing(1, BLOCKS * PER_BLOCK)) {
                assertThat(told.missing(gone.first(), gone.last()))
                        .as("untold of %s", gone)
                        .isEmpty();
            }
            assertGoesOn(spool);
        }
    }

    /** It used to be met again and again, until everything behind it was given up. */
    @Test
    void aRowWhoseEndCannotBeTrueCostsItselfAloneAndIsTold() throws Exception {
        change("UPDATE block SET last = -7 WHERE first = 3001", "UPDATE block SET last = -7 WHERE first = 3101");
        try (Spool spool = open();
                SpoolReader reader = spool.reader()) {
            assertThat(readable(spool).ranges())
                    .containsExactly(new Range(1, 3_000), new Range(3_201, BLOCKS * PER_BLOCK));
            Sequences told = new Sequences();
            reader.evicted().forEach(range -> told.add(range.first(), range.last()));
            assertThat(told.missing(3_001, 3_200)).isEmpty();
            assertThat(told.missing(3_000, 3_000)).isNotEmpty();
            assertThat(spool.status().damaged().readings()).isEqualTo(200);
            assertGoesOn(spool);
        }
    }

    /** One let the salvage fail at every start, the other left no number for the next alert. */
    @Test
    void numbersThatNoSpoolReachesAreNoRows() throws Exception {
        change(
                "UPDATE block SET first = " + Long.MAX_VALUE + ", last = " + Long.MAX_VALUE + " WHERE first = 11901",
                "UPDATE message SET id = " + Long.MAX_VALUE);
        try (Spool spool = open()) {
            assertThat(readable(spool).ranges()).containsExactly(new Range(1, BLOCKS * PER_BLOCK - 100L));
            assertThat(spool.status().moreDamaged()).as("the alert").isTrue();
            assertGoesOn(spool);
            Steps.commit(spool, draft -> draft.message(Lane.ALERT, new byte[500]));
            assertThat(spool.status().alerts()).isEqualTo(1);
        }
    }

    /** SQLite takes such a row for a good one; the agent used to die of it at every start, or whenever it was to be sent. */
    @Test
    void valuesThatAreGoneFromTheirRowsCostNoMoreThanThose() throws Exception {
        changeOnly(
                "UPDATE kept SET body = NULL",
                "UPDATE message SET body = NULL",
                "UPDATE block SET body = NULL WHERE first = 1",
                "UPDATE recent SET hashes = NULL",
                "INSERT INTO unacked (id, way, hashes) VALUES (7, NULL, NULL), (8, 'MQTT', NULL)");
        try (Spool spool = open();
                SpoolReader reader = spool.reader()) {
            assertThat(spool.kept("alert")).isEmpty();
            assertThat(reader.messages(Lane.ALERT, 0, 10))
                    .singleElement()
                    .satisfies(alert -> assertThat(alert.body()).isEmpty());
            assertThat(reader.blocks(0, 100, 1_000))
                    .singleElement()
                    .satisfies(row -> assertThat(row.bodies()).isEmpty());
            assertGoesOn(spool);
        }
        changeOnly("UPDATE spool SET epoch = NULL");
        try (Spool spool = open()) {
            assertThat(spool.epoch()).isEqualTo(epoch);
            assertThat(spool.status().replacedFiles()).isEqualTo(1);
            Steps.store(spool, "newer", 1_000_000, 1_000_001);
        }
    }

    @Test
    void damageUnderARunningAgentIsFoundByReadingAndItGoesOnWithoutARestart() throws Exception {
        try (Spool spool = open();
                SpoolReader reader = spool.reader()) {
            long pages = Files.size(file) / 4096;
            for (long page = pages / 4; page < pages; page += 2) {
                write(page * 4096, garbage(4096));
            }
            List<String> told = new ArrayList<>();
            await().atMost(LONG).until(() -> {
                try {
                    reader.blocks(0, Sequences.LAST, Integer.MAX_VALUE);
                } catch (SpoolException e) {
                    told.add(e.getMessage());
                }
                return spool.status().replacedFiles() == 1;
            });
            assertThat(told).isNotEmpty();
            assertThat(spool.epoch()).isEqualTo(epoch);
            long before = spool.lastSequence();
            Steps.store(spool, "new", 1_000_000, 1_000_001);
            assertThat(spool.lastSequence())
                    .as("known by the process, so nothing is skipped")
                    .isEqualTo(before + 1);
            assertThat(count(readable(spool))).isGreaterThan(1);
        }
    }

    @Test
    void aLogThatIsGoneAfterAKillIsNoticedAndNoSequenceIsGivenTwice() throws Exception {
        Path killed = folder.resolve("killed");
        Files.createDirectories(killed);
        try (Spool spool = open()) {
            Steps.store(spool, "late", 500_000, 500_010);
            Files.copy(file, killed.resolve("spool.db"));
            Files.copy(folder.resolve("spool.db.lock"), killed.resolve("spool.db.lock"));
        }
        file = killed.resolve("spool.db");
        try (Spool spool = open()) {
            assertThat(spool.status().moreDamaged()).isTrue();
            assertThat(spool.incarnation()).isNotEqualTo(spool.epoch());
            assertThat(spool.lastSequence()).isGreaterThan(BLOCKS * PER_BLOCK + 10);
            assertThat(count(readable(spool))).isEqualTo(BLOCKS * PER_BLOCK);
            assertGoesOn(spool);
        }
    }

    @Test
    void aFileOlderThanItMustBeIsNoticedAndNoSequenceIsGivenTwice() throws Exception {
        Path old = Files.copy(file, folder.resolve("old"));
        try (Spool spool = open()) {
            Steps.store(spool, "late", 500_000, 500_010);
        }
        Files.move(old, file, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        try (Spool spool = open()) {
            assertThat(spool.status().moreDamaged()).isTrue();
            assertThat(spool.lastSequence()).isGreaterThan(BLOCKS * PER_BLOCK + 10);
            assertGoesOn(spool);
        }
    }

    @Test
    void theLogOfAnotherFileNeverKeepsTheAgentFromRunning() throws Exception {
        Path other = folder.resolve("other");
        Files.createDirectories(other);
        Path foreign = folder.resolve("foreign-wal");
        try (Spool spool = Spools.of(other.resolve("spool.db"), WIDE)) {
            spool.start(commit -> {}, () -> {});
            Steps.store(spool, "other", 0, 1_000);
            Files.copy(other.resolve("spool.db-wal"), foreign);
        }
        Files.move(foreign, folder.resolve("spool.db-wal"));
        try (Spool spool = open()) {
            Steps.store(spool, "new", 1_000_000, 1_000_001);
            assertThat(spool.status().fault()).isNull();
        }
    }

    @Test
    void filesThatWereSetAsideAreBounded() throws Exception {
        for (int i = 0; i < 4; i++) {
            write(0, garbage(100));
            try (Spool spool = open()) {
                assertThat(count(readable(spool))).isGreaterThanOrEqualTo(BLOCKS * PER_BLOCK);
            }
        }
        assertThat(setAside()).hasSize(SpoolFolder.MAX_SET_ASIDE);
    }

    @Test
    void whateverIsWrittenOverTheFileTheAgentRunsAndTellsNoReadingThatWasNotStored() throws Exception {
        byte[] whole = Files.readAllBytes(file);
        byte[] mark = Files.readAllBytes(folder.resolve("spool.db.lock"));
        Random random = new Random(SEED);
        for (int round = 0; round < 40; round++) {
            Path here = folder.resolve("round-" + round);
            Files.createDirectories(here);
            file = here.resolve("spool.db");
            byte[] damaged = whole.clone();
            for (int hits = random.nextInt(5); hits >= 0; hits--) {
                byte[] hit = new byte[1 + random.nextInt(6_000)];
                random.nextBytes(hit);
                int at = random.nextInt(damaged.length - hit.length);
                System.arraycopy(hit, 0, damaged, at, hit.length);
            }
            Files.write(file, damaged);
            Files.write(here.resolve("spool.db.lock"), mark);
            for (int start = 0; start < 2; start++) {
                try (Spool spool = open()) {
                    await().atMost(LONG).ignoreExceptions().until(() -> readable(spool) != null);
                    Steps.store(spool, "new", 1_000_000 + start, 1_000_001 + start);
                    assertThat(spool.lastSequence()).as("round %d", round).isGreaterThan(BLOCKS * PER_BLOCK);
                    assertThat(readable(spool).ranges()).as("round %d", round).allMatch(range -> range.first() >= 1);
                }
            }
        }
    }
}
