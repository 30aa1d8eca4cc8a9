package dev.tocsin.standalone.platform;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.stream.Stream;

/**
 * The folder of everything that is kept, held by one launcher from {@link #open} to {@link #close}. A demonstration's
 * folder is marked when it is made: everybody knows its passwords, so no site may go on from it, and no demonstration
 * may move into a folder that is not its own.
 */
final class DataFolder implements AutoCloseable {
    private static final String LOCK = "lock";
    private static final String DEMO = "demo-folder";

    private final Path path;
    private final FileChannel lock;

    private DataFolder(Path path, FileChannel lock) {
        this.path = path;
        this.lock = lock;
    }

    /**
     * Takes the folder, making it where it is missing.
     *
     * @param demo whether passwords that everybody knows will be made in it
     * @throws StartException when it cannot be written, is of the other kind, or another launcher holds it
     */
    static DataFolder open(Path folder, boolean demo) throws StartException {
        try {
            Files.createDirectories(folder);
            Path path = folder.toRealPath();
            Files.delete(Files.createTempFile(path, "probe", ""));
            requireKind(path, demo);
            FileChannel lock = lock(path);
            if (demo) {
                Files.writeString(
                        path.resolve(DEMO), "Made by ./tocsin demo: everybody knows the passwords in this folder.\n");
            }
            return new DataFolder(path, lock);
        } catch (IOException e) {
            throw new StartException("the data folder " + folder.toAbsolutePath()
                    + " cannot be written; choose another with --data DIR (" + Faults.inWords(e) + ")");
        }
    }

    /**
     * Takes a folder that is there, of whichever kind, to look at what it keeps.
     *
     * @throws StartException when a launcher holds it
     */
    static DataFolder openToLook(Path folder) throws StartException {
        try {
            Path path = folder.toRealPath();
            return new DataFolder(path, lock(path));
        } catch (IOException e) {
            throw new StartException(
                    "the data folder " + folder.toAbsolutePath() + " cannot be looked at: " + Faults.inWords(e));
        }
    }

    /** Whether a launcher holds it. */
    static boolean isHeld(Path folder) throws IOException {
        Path file = folder.resolve(LOCK);
        if (!Files.exists(file)) {
            return false;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            return channel.tryLock() == null;
        } catch (OverlappingFileLockException e) {
            return true;
        }
    }

    /** Without symbolic links: what stands on the command line of a process is the same at every start. */
    Path path() {
        return path;
    }

    private static void requireKind(Path path, boolean demo) throws IOException, StartException {
        boolean marked = Files.exists(path.resolve(DEMO));
        if (marked && !demo) {
            throw new StartException(path + " belongs to a demonstration, whose passwords everybody knows;"
                    + " choose another with --data DIR");
        }
        if (demo && !marked && !isEmpty(path)) {
            throw new StartException(path + " is in use for something else, and a demonstration would put its own"
                    + " passwords and town into it; choose an empty folder with --data DIR");
        }
    }

    private static boolean isEmpty(Path path) throws IOException {
        try (Stream<Path> files = Files.list(path)) {
            return files.allMatch(file -> file.endsWith(LOCK));
        }
    }

    private static FileChannel lock(Path path) throws IOException, StartException {
        Path file = path.resolve(LOCK);
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                channel.truncate(0);
                byte[] pid = Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII);
                channel.write(ByteBuffer.wrap(pid));
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // The same answer for this process and another one.
        }
        channel.close();
        throw new StartException("the data folder " + path + " is in use by another running Tocsin (process "
                + Files.readString(file) + "); stop that, or choose another with --data DIR");
    }

    /** Lets another launcher have it. */
    @Override
    public void close() throws IOException {
        lock.close();
    }
}
