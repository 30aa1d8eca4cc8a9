package dev.tocsin.agent.update;

import dev.tocsin.profiles.bundle.BundleException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * The disk of a machine whose power fails in the middle of one step: a file is written by half, of a folder one file is
 * deleted. Of the folders that were not yet forced to remember what is in them one forgets it, where that is wanted.
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
    private final int forgets;
    /** By the folder that does not remember them yet. */
    private final Map<Path, Set<Path>> created = new HashMap<>();

    private final Map<Path, Deque<Undo>> renamed = new HashMap<>();

    /**
     * @param cutAt so many steps are done whole
     * @param forgets which of the folders that could forget does so; -1 for none
     */
    CuttableDisk(int cutAt, int forgets) {
        this.cutAt = cutAt;
        this.forgets = forgets;
    }

    private boolean isCut() {
        return ++steps > cutAt;
    }

    /** The power fails; to be called after the last step, too. */
    PowerCut cut() throws IOException {
        SortedSet<Path> forgetful = new TreeSet<>(created.keySet());
        forgetful.addAll(renamed.keySet());
        if (forgets < 0 || forgets >= forgetful.size()) {
            return new PowerCut();
        }
        Path folder = List.copyOf(forgetful).get(forgets);
        for (Path name : created.getOrDefault(folder, Set.of())) {
            Files.deleteIfExists(folder.resolve(name));
        }
        Deque<Undo> undos = renamed.getOrDefault(folder, new ArrayDeque<>());
        while (!undos.isEmpty()) {
            undos.removeLast().run();
        }
        return new PowerCut();
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
            created.computeIfAbsent(file.getParent(), f -> new HashSet<>()).add(file.getFileName());
        }
    }

    @Override
    public void force(Path folder) throws IOException {
        if (isCut()) {
            throw cut();
        }
        Disk.REAL.force(folder);
        created.remove(folder);
        renamed.remove(folder);
    }

    @Override
    public void rename(Path from, Path to) throws IOException {
        if (isCut()) {
            throw cut();
        }
        byte[] before = Files.isRegularFile(to) ? Files.readAllBytes(to) : null;
        Disk.REAL.rename(from, to);
        // What a folder does not remember it does not remember under its new name either.
        for (Path folder : List.copyOf(created.keySet())) {
            if (folder.startsWith(from)) {
                Path now = to.resolve(from.relativize(folder).toString());
                created.put(now, Objects.requireNonNull(created.remove(folder)));
            }
        }
        renamed.computeIfAbsent(to.getParent(), f -> new ArrayDeque<>()).add(() -> {
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
