package dev.tocsin.stream.run;

import java.io.DataInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.checkpoint.metadata.CheckpointMetadata;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one job on this machine: {@code {run}/chk-{n}/_metadata}. Each start of the process is another run;
 * its name begins with its number, which tells the order of runs without asking a clock or n, which goes back with the
 * checkpoint that a run began from. What could not be restored is moved to {@code refused}. Held by one process at a
 * time.
 */
final class CheckpointFolder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointFolder.class);
    private static final Pattern NAME = Pattern.compile("chk-(\\d{1,18})");
    private static final int KEPT = 3;
    private static final String METADATA = "_metadata";
    private static final String REFUSED = "refused";
    /** A job's id: a run's number in 16 hex digits, then 16 that are random. */
    private static final Pattern RUN = Pattern.compile("(\\p{XDigit}{16})\\p{XDigit}{16}");
    /** Runs of versions that did not number them begin with a random number, nearly always beyond it. */
    private static final long MOST_RUNS = 1L << 32;

    private final Path folder;
    private final FileChannel lock;

    /**
     * One completed checkpoint.
     *
     * @param run the number of its run; 0 where runs were not numbered
     */
    record Checkpoint(Path path, long run, long number) {
        CheckpointMetadata metadata() throws IOException {
            try (DataInputStream in = new DataInputStream(Files.newInputStream(path.resolve(METADATA)))) {
                return Checkpoints.loadCheckpointMetadata(in, CheckpointFolder.class.getClassLoader(), path.toString());
            }
        }

        boolean isReadable() {
            try {
                metadata();
                return true;
            } catch (IOException | RuntimeException e) {
                LOG.warn("checkpoint {} cannot be read and is passed over: {}", path, e.toString());
                return false;
            }
        }
    }

    private CheckpointFolder(Path folder, FileChannel lock) {
        this.folder = folder;
        this.lock = lock;
    }

    /** @throws IOException naming the folder, when it cannot be written or another process holds it */
    static CheckpointFolder open(Path folder) throws IOException {
        FileChannel channel;
        try {
            Files.createDirectories(folder);
            channel = FileChannel.open(folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException("checkpoint folder " + folder + " cannot be written", e);
        }
        try {
            if (channel.tryLock() != null) {
                return new CheckpointFolder(folder, channel);
            }
        } catch (OverlappingFileLockException e) {
            // Held by this very process: the message below says it.
        }
        channel.close();
        throw new IOException(folder + " is in use by another process of the same job");
    }

    Path path() {
        return folder;
    }

    /** Those with metadata that can be read, newest first. What a kill left half-written has none. */
    static List<Checkpoint> completeIn(Path folder) throws IOException {
        List<Checkpoint> found = new ArrayList<>();
        for (Checkpoint checkpoint : completedIn(folder)) {
            if (checkpoint.isReadable()) {
                found.add(checkpoint);
            }
        }
        return found;
    }

    /** Those that were complete once, whatever became of them, newest first. */
    static List<Checkpoint> completedIn(Path folder) throws IOException {
        List<Checkpoint> found = new ArrayList<>();
        for (Path run : children(folder)) {
            for (Path path : children(run)) {
                Matcher name = NAME.matcher(path.getFileName().toString());
                if (name.matches() && Files.isRegularFile(path.resolve(METADATA))) {
                    found.add(new Checkpoint(path, runNumber(run), Long.parseLong(name.group(1))));
                }
            }
        }
        found.sort(Comparator.comparingLong(Checkpoint::run)
                .thenComparingLong(Checkpoint::number)
                .reversed());
        return found;
    }

    /** Whether some start has put checkpoints aside. */
    boolean hasRefused() {
        return Files.exists(folder.resolve(REFUSED));
    }

    /** For a run that begins now. */
    JobID nextRun() throws IOException {
        long last = 0;
        for (Path run : children(folder)) {
            last = Math.max(last, runNumber(run));
        }
        return new JobID(last + 1, ThreadLocalRandom.current().nextLong());
    }

    /** Puts checkpoints aside, so that no later start takes them up again. */
    void refuse(List<Checkpoint> checkpoints) throws IOException {
        for (Checkpoint checkpoint : checkpoints) {
            Path run = folder.relativize(checkpoint.path()).getName(0);
            Path aside = folder.resolve(REFUSED).resolve(run);
            Files.createDirectories(aside);
            Files.move(checkpoint.path(), aside.resolve(checkpoint.path().getFileName()));
        }
    }

    /** Removes the runs that hold none of the newest checkpoints and are not {@code current}: nobody will read them. */
    void tidy(List<Checkpoint> newestFirst, JobID current) throws IOException {
        Set<Path> kept = new HashSet<>();
        kept.add(folder.resolve(current.toHexString()));
        newestFirst.stream()
                .limit(KEPT)
                .forEach(checkpoint -> kept.add(checkpoint.path().getParent()));
        for (Path run : children(folder)) {
            if (!kept.contains(run)) {
                delete(run);
            }
        }
        if (hasRefused()) {
            List<Path> refused = new ArrayList<>(children(folder.resolve(REFUSED)));
            refused.sort(Comparator.comparingLong(CheckpointFolder::runNumber));
            for (Path run : refused.subList(0, Math.max(0, refused.size() - KEPT))) {
                delete(run);
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    private static long runNumber(Path run) {
        Matcher name = RUN.matcher(run.getFileName().toString());
        if (!name.matches()) {
            return 0;
        }
        long number = Long.parseUnsignedLong(name.group(1), 16);
        return number > 0 && number < MOST_RUNS ? number : 0;
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }

    private static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.filter(Files::isDirectory)
                    .filter(path -> !path.endsWith(REFUSED))
                    .toList();
        }
    }
}
