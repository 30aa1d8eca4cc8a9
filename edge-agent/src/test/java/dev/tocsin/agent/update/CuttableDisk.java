package dev.tocsin.agent.update;

import dev.tocsin.profiles.bundle.BundleException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The disk of a machine whose power fails in the middle of one step: a file is written by half, of a folder one file is
 * deleted. What a folder was not yet forced to remember is lost with it, where that is wanted.
 */
final class CuttableDisk implements Disk {
    /** Nothing after it happens. */
    static final class PowerCut extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private interface Undo {
        void run() throws IOException;
    }

    int steps;
    private final int cutAt;
    private final boolean forgetful;
    private final Map<Path, Deque<Undo>> notForced = new ConcurrentHashMap<>();

    CuttableDisk(int cutAt, boolean forgetful) {
        this.cutAt = cutAt;
        this.forgetful = forgetful;
    }

    private boolean isCut() {
        return ++steps > cutAt;
    }

    private PowerCut cut() throws IOException {
        if (forgetful) {
            for (Deque<Undo> undos : notForced.values()) {
                while (!undos.isEmpty()) {
                    undos.removeLast().run();
                }
            }
        }
        return new PowerCut();
    }

    private void remember(Path folder, Undo undo) {
        notForced.computeIfAbsent(folder, f -> new ArrayDeque<>()).add(undo);
    }

    @Override
    public void makeFolder(Path folder) throws IOException {
        if (isCut()) {
            throw cut();
        }
        Disk.REAL.makeFolder(folder);
    }

    @Override
    public void write(Path file, boolean executable, long stampS, Content content) throws BundleException, IOException {
        boolean isNew = !Files.exists(file);
        if (isCut()) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            content.into(all);
            Files.write(file, Arrays.copyOf(all.toByteArray(), all.size() / 2));
            throw cut();
        }
        Disk.REAL.write(file, executable, stampS, content);
        if (isNew) {
            remember(file.getParent(), () -> Files.deleteIfExists(file));
        }
    }

    @Override
    public void force(Path folder) throws IOException {
        if (isCut()) {
            throw cut();
        }
        Disk.REAL.force(folder);
        notForced.remove(folder);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        if (isCut()) {
            throw cut();
        }
        byte[] before = Files.isRegularFile(to) ? Files.readAllBytes(to) : null;
        Disk.REAL.rename(from, to);
        remember(to.getParent(), () -> {
            if (Files.exists(to)) {
                Files.move(to, from);
            }
            if (before != null) {
                Files.write(to, before);
            }
        });
    }

    @Override
    public void delete(Path path) throws IOException {
        if (isCut()) {
            if (Files.isDirectory(path)) {
                try (var files = Files.walk(path)) {
                    Path first = files.filter(Files::isRegularFile)
                            .sorted()
                            .findFirst()
                            .orElse(null);
                    if (first != null) {
                        Files.delete(first);
                    }
                }
            }
            throw cut();
        }
        Disk.REAL.delete(path);
    }
}
