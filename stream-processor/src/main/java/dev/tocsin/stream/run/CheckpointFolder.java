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
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one job on this machine: {@code {run}/chk-{n}/_metadata}, where each start of the process is
 * another run and n goes on counting. Held by one process at a time.
 */
final class CheckpointFolder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointFolder.class);
    private static final Pattern NAME = Pattern.compile("chk-(\\d{1,18})");
    private static final int KEPT = 3;

    private final Path folder;
    private final FileChannel lock;

    /** One completed checkpoint. */
    record Checkpoint(Path path, long number) {}

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
        for (Path run : children(folder)) {
            for (Path path : children(run)) {
                Matcher name = NAME.matcher(path.getFileName().toString());
                if (name.matches() && readable(path)) {
                    found.add(new Checkpoint(path, Long.parseLong(name.group(1))));
                }
            }
        }
        found.sort(Comparator.comparingLong(Checkpoint::number).reversed());
        return found;
    }

    /** Removes the runs that hold none of the newest checkpoints; what they left, nobody will read. */
    void tidy(List<Checkpoint> newestFirst) throws IOException {
        Set<Path> kept = new HashSet<>();
        newestFirst.stream()
                .limit(KEPT)
                .forEach(checkpoint -> kept.add(checkpoint.path().getParent()));
        for (Path run : children(folder)) {
            if (!kept.contains(run)) {
                try (Stream<Path> files = Files.walk(run)) {
                    for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                        Files.delete(path);
                    }
                }
            }
        }
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }

    private static boolean readable(Path checkpoint) {
        Path metadata = checkpoint.resolve("_metadata");
        if (!Files.isRegularFile(metadata)) {
            return false;
        }
        try (DataInputStream in = new DataInputStream(Files.newInputStream(metadata))) {
            Checkpoints.loadCheckpointMetadata(in, CheckpointFolder.class.getClassLoader(), checkpoint.toString());
            return true;
        } catch (IOException | RuntimeException e) {
            LOG.warn("checkpoint {} cannot be read and is passed over: {}", checkpoint, e.toString());
            return false;
        }
    }

    private static List<Path> children(Path folder) throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.filter(Files::isDirectory).toList();
        }
    }
}
