package dev.tocsin.agent.update;

import dev.tocsin.profiles.bundle.Bundle;
import dev.tocsin.profiles.bundle.BundleException;
import dev.tocsin.profiles.bundle.BundleManifest;
import dev.tocsin.profiles.desired.DesiredJson;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The folder that agent and launcher share: versions {@code A} and {@code B}, and small files that say which one counts.
 *
 * <ul>
 *   <li>{@code good}: the version that proved itself, {@code A} or {@code B}; without it the one that was installed.
 *       The launcher writes it.
 *   <li>{@code trial}: the version to be tried and how often it was started, {@code "B 1"}. The agent writes it when
 *       that version is complete on the disk; the launcher counts and removes it.
 *   <li>{@code outcome}: why the launcher gave the newest trial up.
 * </ul>
 *
 * A version is only ever unpacked where neither {@code good} nor {@code trial} points, so at any moment there is one that
 * starts. For one thread.
 */
final class UpdateFolder {
    /** Exit status by which an agent asks the launcher to try what {@code trial} names. */
    static final int SWITCH = 75;

    private static final int MAX_SMALL_BYTES = 64 * 1024;

    private final Path folder;
    private final Disk disk;

    UpdateFolder(Path folder, Disk disk) {
        this.folder = folder;
        this.disk = disk;
    }

    Path path() {
        return folder;
    }

    boolean onTrial() {
        return Files.exists(folder.resolve("trial"));
    }

    /** Whether a version is the one that counts; also for one that was installed, which does where nothing else is named. */
    boolean isGood(String slot) throws IOException {
        return slot.equals("A") || slot.equals("B") ? slot.equals(good()) : true;
    }

    private String good() throws IOException {
        String good = small("good");
        return good == null ? "" : good.strip();
    }

    /** Why the newest trial failed; null when it did not, or is not over. */
    @Nullable
    String outcome() throws IOException {
        String text = small("outcome");
        return text == null ? null : text.strip();
    }

    /** The version that does not count now: where the next one goes. */
    private String spare() throws IOException {
        return good().equals("A") ? "B" : "A";
    }

    /**
     * Unpacks a bundle where nothing runs; every file is checked as it is written, and all of it is on the disk at the
     * end.
     *
     * @return the name of the version's folder
     * @throws BundleException when a file is not what the manifest says; nothing that counts has changed
     */
    String unpack(Bundle bundle) throws BundleException, IOException {
        String name = spare();
        Path fresh = folder.resolve(name + ".new");
        try {
            disk.delete(fresh);
            disk.makeFolder(fresh);
            BundleManifest manifest = bundle.manifest();
            Set<Path> folders = new HashSet<>(Set.of(fresh));
            for (BundleManifest.Item item : manifest.files()) {
                Path file = fresh.resolve(item.path());
                for (int slash = item.path().indexOf('/');
                        slash >= 0;
                        slash = item.path().indexOf('/', slash + 1)) {
                    Path parent = fresh.resolve(item.path().substring(0, slash));
                    if (folders.add(parent)) {
                        disk.makeFolder(parent);
                    }
                }
                disk.write(file, item.executable(), manifest.stamp(), out -> bundle.copy(item, out));
            }
            for (Path one : folders) {
                disk.force(one);
            }
        } catch (BundleException | IOException e) {
            disk.delete(fresh);
            throw e;
        }
        Path place = folder.resolve(name);
        disk.delete(place);
        disk.rename(fresh, place);
        disk.force(folder);
        return name;
    }

    /** That of an earlier trial, before another one. */
    void forgetOutcome() throws IOException {
        forget("outcome");
    }

    /** From now on the launcher tries that version. */
    void orderTrial(String name) throws IOException {
        replace("trial", (name + " 0\n").getBytes(StandardCharsets.UTF_8));
    }

    /** What was kept under that name; null when it is not there or cannot be read any more. */
    <T> @Nullable T kept(String name, Class<T> type) throws IOException {
        String text = small(name);
        try {
            return text == null ? null : DesiredJson.read(text.getBytes(StandardCharsets.UTF_8), type);
        } catch (IllegalArgumentException e) {
            return null;
        }
    }

    void keep(String name, Object value) throws IOException {
        replace(name, DesiredJson.write(value));
    }

    void forget(String name) throws IOException {
        disk.delete(folder.resolve(name));
        disk.force(folder);
    }

    private void replace(String name, byte[] content) throws IOException {
        Path fresh = folder.resolve(name + ".tmp");
        disk.makeFolder(folder);
        try {
            disk.write(fresh, false, System.currentTimeMillis() / 1_000, out -> out.write(content));
        } catch (BundleException e) {
            throw new IllegalStateException("no bundle is read here", e);
        }
        disk.rename(fresh, folder.resolve(name));
        disk.force(folder);
    }

    private @Nullable String small(String name) throws IOException {
        Path file = folder.resolve(name);
        if (!Files.exists(file) || Files.size(file) > MAX_SMALL_BYTES) {
            return null;
        }
        // A launcher's outcome quotes a line of whatever language: what is no UTF-8 must not be the end of updates.
        return new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
    }
}
