package dev.tocsin.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Sequences;
import dev.tocsin.profiles.wire.Sequences.Range;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A spool that the first version made, whose tables have their columns in another order than those of today. */
class UpgradedSpoolTest {
    private static final SpoolLimits WIDE = Spools.limits(1 << 30, 10_000, 1_000);
    private static final int BLOCKS = 60;
    private static final int PER_BLOCK = 100;
    private static final int READINGS = BLOCKS * PER_BLOCK;
    private static final Via MQTT = new Via("MQTT", 1);
    private static final byte[] ALERT = {'f', 'i', 'r', 'e'};

    @TempDir
    Path folder;

    private Path file;

    /** What the agent of today stored, in a file of the first version. */
    @BeforeEach
    void makeFirst() throws Exception {
        file = folder.resolve("spool.db");
        try (Spool spool = open()) {
            for (int i = 0; i < BLOCKS; i++) {
                Steps.store(spool, "device-" + i, i * PER_BLOCK, (i + 1) * PER_BLOCK);
            }
            Steps.commit(spool, draft -> {
                draft.message(Lane.ALERT, ALERT);
                draft.keep("alert", "a", new byte[] {1});
                draft.remember(77, MQTT);
            });
        }
        Path first = folder.resolve("first.db");
        SpoolSchema.makeFirst(first);
        try (var connection = SpoolSchema.openToRead(first);
                var statement = connection.createStatement()) {
            assertThat(statement.executeQuery("PRAGMA user_version").getInt(1)).isZero();
        }
        try (var connection = java.sql.DriverManager.getConnection("jdbc:sqlite:" + first);
                var statement = connection.createStatement()) {
            for (String sql : List.of(
                    "ATTACH '" + file + "' AS today",
                    "DELETE FROM spool",
                    "INSERT INTO spool SELECT * FROM today.spool",
                    "INSERT INTO block (first, last, at, packed, body)"
                            + " SELECT first, last, since, packed, body FROM today.block",
                    "INSERT INTO message (id, lane, body) SELECT id, lane, body FROM today.message",
                    "INSERT INTO unacked (id, origin, hashes) SELECT id, way = 'MQTT', hashes FROM today.unacked",
                    "INSERT INTO recent SELECT * FROM today.recent",
                    "INSERT INTO kept SELECT * FROM today.kept")) {
                statement.executeUpdate(sql);
            }
        }
        Files.move(first, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private Spool open() {
        Spool spool = Spools.of(file, WIDE);
        spool.start(commit -> {}, () -> {});
        return spool;
    }

    private void bringUp() {
        open().close();
    }

    private void write(long at, int length) throws IOException {
        byte[] garbage = new byte[length];
        new Random(4711).nextBytes(garbage);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(garbage), at);
        }
    }

    private static void assertEverythingIsThere(Spool spool) throws Exception {
        Sequences readable = new Sequences();
        try (SpoolReader reader = spool.reader()) {
            for (SpoolReader.Row row : reader.blocks(0, Sequences.LAST, Integer.MAX_VALUE)) {
                assertThat(row.bodies()).isNotEmpty();
                readable.add(row.first(), row.last());
            }
            assertThat(reader.messages(Lane.ALERT, 0, 10))
                    .singleElement()
                    .satisfies(alert -> assertThat(alert.body()).isEqualTo(ALERT));
        }
        assertThat(readable.ranges()).containsExactly(new Range(1, READINGS));
        assertThat(spool.kept("alert")).containsOnlyKeys("a");
        boolean[] again = new boolean[1];
        Steps.commit(spool, draft -> again[0] = draft.isRedelivery(77, MQTT));
        assertThat(again[0]).as("the message is known").isTrue();
        Steps.store(spool, "new", READINGS, READINGS + 1);
        assertThat(spool.status().fault()).isNull();
    }

    @Test
    void isBroughtUp() throws Exception {
        try (Spool spool = open()) {
            assertEverythingIsThere(spool);
            assertThat(spool.status().replacedFiles()).isZero();
        }
    }

    /** Its alerts and readings used to be saved as numbers, and were lost when the broker had confirmed those. */
    @Test
    void isSavedByTheNamesOfItsColumnsWhenItIsDamagedLater() throws Exception {
        bringUp();
        write(0, 16);
        try (Spool spool = open()) {
            assertEverythingIsThere(spool);
            assertThat(spool.status().replacedFiles()).isEqualTo(1);
            assertThat(spool.status().damaged().readings()).isZero();
        }
    }

    @Test
    void withAFirstPageOfGarbageIsSavedByThatOfItsOwnVersion() throws Exception {
        bringUp();
        write(0, 4096);
        try (Spool spool = open()) {
            assertEverythingIsThere(spool);
            assertThat(spool.status().replacedFiles()).isEqualTo(1);
        }
    }

    @Test
    void thatIsFoundDamagedWhenItIsBroughtUpIsSavedAllTheSame() throws Exception {
        try (var connection = java.sql.DriverManager.getConnection("jdbc:sqlite:" + file);
                var statement = connection.createStatement()) {
            // Makes the change of its tables fail.
            statement.executeUpdate("CREATE INDEX block_of_alarm ON recent (first)");
        }
        try (Spool spool = open()) {
            assertEverythingIsThere(spool);
            assertThat(spool.status().replacedFiles()).isEqualTo(1);
        }
    }
}
