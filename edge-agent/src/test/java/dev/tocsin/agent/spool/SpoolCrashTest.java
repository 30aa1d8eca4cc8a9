package dev.tocsin.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordingFile;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The power fails while the spool is written, at every frame of its log: what was acknowledged is there and not twice, of
 * no commit there is a half, and the spool goes on as if nothing had been.
 */
class SpoolCrashTest {
    /** Enough for the log to be put into the file and begun anew. */
    private static final int COMMITS = 120;

    private static final int FREEZES = 60;
    private static final long SEED = 4711;

    @TempDir
    Path folder;

    /** Of images: what they hold is given, so that forcing it to a disk once more would cost time only. */
    @TempDir(factory = InMemory.class)
    Path memory;

    private Ledger ledger = new Ledger();
    private final Random random = new Random(SEED);
    private @Nullable String epoch;
    private int images;

    private void check(String what, CrashImage image, int commit) throws Exception {
        check(what, image, commit, commit);
    }

    /**
     * Opens it as an agent does, and lets those send again who were not told.
     *
     * @param from the newest commit that it must hold; {@code to} the newest that it may hold
     */
    private void check(String what, CrashImage image, int from, int to) throws Exception {
        Path here = memory.resolve("image");
        Path file = image.into(here);
        try (Spool spool = Spools.of(file, NumberedWrites.LIMITS)) {
            spool.start(done -> {}, () -> {});
            assertThat(spool.status())
                    .matches(status -> status.fault() == null && status.replacedFiles() == 0 && !status.moreDamaged());
            if (epoch != null) {
                assertThat(spool.epoch()).isEqualTo(epoch);
            }
            assertThat(spool.incarnation()).isEqualTo(spool.epoch());
            int commit = NumberedWrites.count(spool);
            assertThat(commit).isBetween(from, to);
            ledger.assertHolds(spool, commit);
            NumberedWrites.sendAgain(spool, Math.max(1, commit - 1), commit + 1);
            ledger.assertHolds(spool, commit + 1, commit);
        } catch (AssertionError e) {
            throw new AssertionError(what + ", image " + images + " (seed " + SEED + ")", e);
        }
        images++;
        try (Stream<Path> files = Files.list(here)) {
            for (Path left : files.toList()) {
                Files.delete(left);
            }
        }
    }

    @Test
    void whateverTheDiskHasOfWhatWasNotForcedTheSpoolHoldsWhatWasAcknowledgedAndNoCommitByHalf() throws Exception {
        Path run = folder.resolve("run");
        int begunAnew = 0;
        int putIntoTheFile = 0;
        boolean packed = false;
        CrashImage last;
        try (NumberedWrites writes = new NumberedWrites(run.resolve(CrashImage.NAME), ledger::note)) {
            CrashImage before = CrashImage.of(run);
            firstStart(before);
            epoch = ledger.epoch;
            check("after the first start", before, 0);
            for (int number = 1; number <= COMMITS; number++) {
                AtomicReference<CrashImage> acknowledged = new AtomicReference<>();
                writes.commit(number, () -> acknowledged.set(CrashImage.of(run)));
                CrashImage after = acknowledged.get();
                check("commit " + number + " was acknowledged", after, number);
                if (!before.isOfSameLogAs(after)) {
                    begunAnew = number;
                    before = beginAnew(before, after, number);
                }
                commit(before, after, number);
                if (!Arrays.equals(before.file(), after.file())) {
                    putIntoTheFile = number;
                    putIntoTheFile(before, after, number);
                }
                packed |= writes.packed();
                before = after;
            }
            assertThat(packed).as("readings were packed").isTrue();
            assertThat(writes.evicted()).as("readings were evicted").isPositive();
            last = before;
        }
        assertThat(putIntoTheFile)
                .as("the log was put into the file, and begun anew")
                .isBetween(1, begunAnew - 1);
        CrashImage closed = CrashImage.of(run);
        check("closed", closed, COMMITS);
        check("closed, and its log is not forgotten by the folder", closed.withLog(last.log()), COMMITS);
        check("closed but for its mark", last.withFile(closed.file()), COMMITS);
        System.out.printf(
                "%d images of %d commits; the log was put into the file by %d, and begun anew by %d%n",
                images, COMMITS, putIntoTheFile, begunAnew);
    }

    private void firstStart(CrashImage started) throws Exception {
        CrashImage fresh = started.withoutMark();
        byte[] log = started.log();
        for (int cut = 0; cut <= CrashImage.LOG_HEADER; cut += 8) {
            check("first start, header", fresh.withLog(Arrays.copyOf(log, cut)), 0);
        }
        for (int frame : started.frames(CrashImage.LOG_HEADER, started.end())) {
            check("first start, frame at " + frame, fresh.withLog(Arrays.copyOf(log, frame)), 0);
            check("first start, in frame at " + frame, fresh.withLog(torn(new byte[0], started, frame)), 0);
        }
        check("first start without its mark", fresh, 0);
    }

    /** Its header is forced before the first frame is written over those of before. */
    private CrashImage beginAnew(CrashImage before, CrashImage after, int number) throws Exception {
        byte[] log = before.log().clone();
        System.arraycopy(after.log(), 0, log, 0, CrashImage.LOG_HEADER / 2);
        check("commit " + number + ", half of a new header", before.withLog(log.clone()), number - 1);
        System.arraycopy(after.log(), 0, log, 0, CrashImage.LOG_HEADER);
        CrashImage begun = before.withLog(log);
        check("commit " + number + ", a new header", begun, number - 1);
        return begun;
    }

    private void commit(CrashImage before, CrashImage after, int number) throws Exception {
        int end = after.end();
        List<Integer> frames = after.frames(before.end(), end);
        int some = frames.get(random.nextInt(frames.size()));
        int newest = frames.get(frames.size() - 1);
        for (int frame : frames) {
            CrashImage cut = before.withLog(Arrays.copyOf(after.log(), frame));
            check("commit " + number + ", cut off at " + frame, cut, number - 1);
            if (frame != some && frame != newest) {
                continue;
            }
            byte[] torn = torn(before.log(), after, frame);
            boolean isWhole = Arrays.equals(torn, 0, end, after.log(), 0, end);
            check("commit " + number + ", torn at " + frame, before.withLog(torn), isWhole ? number : number - 1);
        }
    }

    /**
     * The log as far as a frame, of which only a part got to the disk, and of each frame behind it what chance will have:
     * they are written one after another, and forced together.
     */
    private byte[] torn(byte[] before, CrashImage after, int tornFrame) {
        int end = after.end();
        byte[] log = Arrays.copyOf(before, Math.max(before.length, end));
        System.arraycopy(after.log(), 0, log, 0, tornFrame);
        int size = after.frameBytes();
        copy(after, log, tornFrame, random.nextInt(size));
        for (int frame : after.frames(tornFrame + size, end)) {
            switch (random.nextInt(5)) {
                case 0 -> copy(after, log, frame, size);
                case 1 -> copy(after, log, frame, random.nextInt(size));
                case 2 -> Arrays.fill(log, frame, frame + size, (byte) 0);
                case 3 -> {
                    byte[] garbage = new byte[size];
                    random.nextBytes(garbage);
                    System.arraycopy(garbage, 0, log, frame, size);
                }
                default -> {
                    // Nothing of it.
                }
            }
        }
        return log;
    }

    private static void copy(CrashImage from, byte[] log, int at, int bytes) {
        System.arraycopy(from.log(), at, log, at, bytes);
    }

    /** The log was forced before, and stands until all of it is in the file. */
    private void putIntoTheFile(CrashImage before, CrashImage after, int number) throws Exception {
        int page = after.pageBytes();
        for (int round = 0; round < 20; round++) {
            byte[] file =
                    Arrays.copyOf(before.file(), random.nextInt(2) == 0 ? before.file().length : after.file().length);
            for (int at = 0; at < file.length; at += page) {
                int bytes = Math.min(
                        file.length - at,
                        List.of(0, page, 512 * random.nextInt(8)).get(random.nextInt(3)));
                System.arraycopy(after.file(), at, file, at, bytes);
            }
            check("commit " + number + ", its log put into the file in part", after.withFile(file), number);
        }
    }

    @Test
    void whereARunIsFrozenAtAnyMomentOfItsStartsItsWritesAndItsEndsWhatWasAcknowledgedIsThere() throws Exception {
        Path run = Files.createDirectories(folder.resolve("run"));
        int acknowledged = 0;
        try (FrozenRun writer = new FrozenRun(run.resolve(CrashImage.NAME), folder.resolve("notes"))) {
            for (int round = 0; round < FREEZES; round++) {
                writer.awaitAcknowledged(acknowledged + random.nextInt(2 * SpoolToFreeze.COMMITS_OF_A_RUN));
                writer.freeze();
                CrashImage image = CrashImage.of(run);
                Ledger known = writer.known();
                writer.goOn();
                ledger = known;
                epoch = known.epoch;
                acknowledged = known.acknowledged;
                check("frozen after commit " + acknowledged, image, acknowledged, acknowledged + 1);
            }
        }
        assertThat(acknowledged).isGreaterThan(FREEZES);
    }

    /** Otherwise a kill, or the power, between the two leaves a spool that counts as damaged. */
    @Test
    void whereASpoolIsClosedItsLogIsTakenAwayOnlyAfterTheMarkSaysSo() throws Exception {
        Path run = Files.createDirectories(folder.resolve("run"));
        for (int number = 1; number <= 30; number++) {
            NumberedWrites writes = new NumberedWrites(run.resolve(CrashImage.NAME), ledger::note);
            writes.commit(number, () -> {});
            Thread closing = new Thread(writes::close);
            closing.start();
            while (closing.isAlive()) {
                if (!Files.exists(run.resolve(CrashImage.NAME + "-wal"))) {
                    assertThat(run.resolve(CrashImage.NAME + ".lock")).content().contains(" closed ");
                }
            }
        }
    }

    /** Otherwise what the broker has of it, or the mark tells of it, may be gone with the next loss of power. */
    @Test
    void whatAKilledRunWroteAndDidNotForceIsForcedBeforeTheMarkTellsOfIt() throws Exception {
        Path run = folder.resolve("run");
        CrashImage killed;
        try (NumberedWrites writes = new NumberedWrites(run.resolve(CrashImage.NAME), ledger::note)) {
            writes.commit(1, () -> {});
            killed = CrashImage.of(run);
        }
        Path again = folder.resolve("again");
        Path file = killed.into(again);
        try (Recording forces = new Recording()) {
            forces.enable("jdk.FileForce").withoutThreshold();
            forces.start();
            Spool spool = Spools.of(file, NumberedWrites.LIMITS);
            forces.stop();
            spool.close();
            forces.dump(folder.resolve("forces.jfr"));
        }
        assertThat(RecordingFile.readAllEvents(folder.resolve("forces.jfr")))
                .extracting(event -> event.getString("path"))
                .filteredOn(path -> path.startsWith(again.toString()))
                .containsSubsequence(file + "-wal", again.toString(), file + ".lock")
                .endsWith(file + ".lock");
    }
}
