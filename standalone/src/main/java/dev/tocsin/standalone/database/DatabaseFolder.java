package dev.tocsin.standalone.database;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Everything the embedded database keeps: {@code cluster} (PostgreSQL's own), {@code programs-*} (unpacked), one
 * password per role, and the lock that keeps a second Tocsin away. Held from {@link #open} to {@link #close}.
 */
final class DatabaseFolder implements AutoCloseable {
    private static final int PASSWORD_BYTES = 24;
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private final Path root;
    private final FileChannel lock;

    private DatabaseFolder(Path root, FileChannel lock) {
        this.root = root;
        this.lock = lock;
    }

    /** @throws IOException when the folder cannot be written or another process holds it */
    static DatabaseFolder open(Path folder) throws IOException {
        FileChannel channel;
        Path root;
        try {
            Files.createDirectories(folder);
            root = folder.toRealPath();
            channel = FileChannel.open(root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException("the database folder " + folder + " cannot be written: " + e, e);
        }
        try {
            if (channel.tryLock() != null) {
                return new DatabaseFolder(root, channel);
            }
        } catch (OverlappingFileLockException e) {
            // The same answer for this process and another one.
        }
        channel.close();
        throw new IOException("the database folder " + folder + " is in use by another running Tocsin");
    }

    Path root() {
        return root;
    }

    Path cluster() {
        return root.resolve("cluster");
    }

    /** What PostgreSQL said while it started. */
    Path startLog() {
        return root.resolve("start.log");
    }

    Path passwordFile(DatabaseRole role) {
        return root.resolve(role.user() + ".password");
    }

    /** The password of a role, made at the first call. */
    String password(DatabaseRole role) throws IOException {
        Path file = passwordFile(role);
        if (Files.exists(file)) {
            return Files.readString(file).strip();
        }
        byte[] bits = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(bits);
        String password = Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        Files.createFile(fresh, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        Files.write(fresh, List.of(password), StandardOpenOption.WRITE, StandardOpenOption.SYNC);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        return password;
    }

    static void deleteTree(Path tree) throws IOException {
        if (!Files.exists(tree)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(tree)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
