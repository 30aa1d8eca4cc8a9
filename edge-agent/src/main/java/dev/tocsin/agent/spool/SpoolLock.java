package dev.tocsin.agent.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32;
import org.jspecify.annotations.Nullable;

/**
 * Keeps a second agent away from the spool for as long as the process lives, and remembers beside it what the spool file
 * must at least hold. For one thread.
 */
final class SpoolLock implements AutoCloseable {
    private static final int MARK_BYTES = 128;

    private final Path spool;
    private @Nullable FileChannel channel;

    /**
     * What is known of the spool file from outside of it.
     *
     * @param next the sequence that it was to give next when this was written; it never goes back
     * @param open it was not closed since: what its last commits wrote is in its log, which must be there
     */
    record Mark(String epoch, long next, boolean open) {}

    SpoolLock(Path spool) {
        this.spool = spool;
    }

    /**
     * Takes it, where it is not taken yet.
     *
     * @throws IOException when the folder takes nothing now
     * @throws SpoolException when another one has it
     */
    void take() throws IOException {
        if (channel != null) {
            return;
        }
        Path folder = spool.toAbsolutePath().getParent();
        if (folder != null && !Files.isDirectory(folder)) {
            Files.createDirectories(folder);
            force(folder.getParent());
        }
        FileChannel opened = FileChannel.open(
                spool.resolveSibling(spool.getFileName() + ".lock"),
                StandardOpenOption.CREATE,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE);
        if (!taken(opened)) {
            opened.close();
            throw new SpoolException("the spool " + spool + " belongs to another agent that runs", null);
        }
        channel = opened;
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

    /** Nothing where none was written, or it cannot be read. */
    @Nullable
    Mark mark() throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(MARK_BYTES);
        channel().read(bytes, 0);
        String[] parts = new String(bytes.array(), 0, bytes.position(), StandardCharsets.US_ASCII).split(" ");
        if (parts.length < 4 || !parts[3].equals(sum(parts[0], parts[1], parts[2]))) {
            return null;
        }
        return new Mark(parts[0], Long.parseLong(parts[1]), parts[2].equals("open"));
    }

    /** On disk when this returns. Shorter than a sector, which a disk writes whole or not at all. */
    void mark(Mark mark) throws IOException {
        String next = Long.toString(mark.next());
        String state = mark.open() ? "open" : "closed";
        String text = String.join(" ", mark.epoch(), next, state, sum(mark.epoch(), next, state), "\n");
        channel().write(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)), 0);
        channel().force(true);
    }

    private FileChannel channel() throws IOException {
        if (channel == null) {
            throw new IOException("the spool's lock is not taken");
        }
        return channel;
    }

    private static String sum(String... parts) {
        CRC32 crc = new CRC32();
        for (String part : parts) {
            crc.update(part.getBytes(StandardCharsets.US_ASCII));
        }
        return Long.toHexString(crc.getValue());
    }

    /** Makes what is in a file, or a new name in a folder outlive a loss of power. */
    static void force(@Nullable Path path) throws IOException {
        if (path != null) {
            try (FileChannel opened = FileChannel.open(path, StandardOpenOption.READ)) {
                opened.force(true);
            }
        }
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
            channel = null;
        }
    }
}
