package dev.tocsin.agent.spool;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps a second agent away from the spool for as long as the process lives. */
final class SpoolLock implements AutoCloseable {
    private final FileChannel channel;

    /** @throws SpoolException when another one has it */
    SpoolLock(Path spool) {
        Path path = spool.resolveSibling(spool.getFileName() + ".lock");
        try {
            Files.createDirectories(path.toAbsolutePath().getParent());
            channel = FileChannel.open(path, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!taken(channel)) {
                channel.close();
                throw new SpoolException("the spool " + spool + " belongs to another agent that runs", null);
            }
        } catch (IOException e) {
            throw new SpoolException("the folder of the spool " + spool + " cannot be written: " + e.getMessage(), e);
        }
    }

    private static boolean taken(FileChannel channel) throws IOException {
        try {
            FileLock held = channel.tryLock();
            return held != null;
        } catch (OverlappingFileLockException e) {
            // Somebody has it, in this very process.
            return false;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
