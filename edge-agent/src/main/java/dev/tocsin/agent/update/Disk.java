package dev.tocsin.agent.update;

import dev.tocsin.profiles.bundle.BundleException;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;

/** The steps that an update changes the disk by. The power may fail between any two, and in the middle of one. */
interface Disk {
    /** What is written into a file. */
    interface Content {
        void into(OutputStream out) throws BundleException, IOException;
    }

    /** With every folder above it. */
    void makeFolder(Path folder) throws IOException;

    /**
     * Writes a file that does not exist yet, or anew; it is on the disk when this returns.
     *
     * @param stampS its time of change, in seconds since 1970
     */
    void write(Path file, boolean executable, long stampS, Content content) throws BundleException, IOException;

    /** Which names a folder holds is on the disk when this returns. */
    void force(Path folder) throws IOException;

    /** In one step: a reader sees the former or the new one. */
    void rename(Path from, Path to) throws IOException;

    /** A file, or a folder with all that is in it; nothing when there is none. */
    void delete(Path path) throws IOException;

    /** The disk itself. */
    Disk REAL = new Disk() {
        @Override
        public void makeFolder(Path folder) throws IOException {
            Files.createDirectories(folder);
        }

        @Override
        public void write(Path file, boolean executable, long stampS, Content content)
                throws BundleException, IOException {
            try (FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                OutputStream out = new BufferedOutputStream(Channels.newOutputStream(channel));
                content.into(out);
                out.flush();
                Files.setPosixFilePermissions(
                        file, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
                Files.setLastModifiedTime(file, FileTime.fromMillis(stampS * 1_000));
                channel.force(true);
            }
        }

        @Override
        public void force(Path folder) throws IOException {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }

        @Override
        public void rename(Path from, Path to) throws IOException {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        }

        @Override
        public void delete(Path path) throws IOException {
            if (!Files.isDirectory(path)) {
                Files.deleteIfExists(path);
                return;
            }
            Files.walkFileTree(path, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(
                        Path folder, @org.jspecify.annotations.Nullable IOException failure) throws IOException {
                    if (failure != null) {
                        throw failure;
                    }
                    Files.delete(folder);
                    return FileVisitResult.CONTINUE;
                }
            });
        }
    };
}
