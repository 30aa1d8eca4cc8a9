package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file system of its own of a few megabytes, which can be filled and made read-only. */
public final class SmallDisk implements AutoCloseable {
    public final Path folder;
    private final Path filler;

    public SmallDisk(Path folder, String size) throws Exception {
        this.folder = folder;
        this.filler = folder.resolve("filler");
        Files.createDirectories(folder);
        assumeTrue(
                run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", folder.toString()) == 0,
                "skipped: this user may not mount a file system");
    }

    private static int run(String... command) throws Exception {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor();
        } catch (IOException e) {
            return -1;
        }
    }

    /** Until not a byte more fits. */
    public void fill() throws IOException {
        try (OutputStream out = Files.newOutputStream(filler)) {
            for (int size = 64 * 1024; size > 0; size /= 2) {
                try {
                    while (true) {
                        out.write(new byte[size]);
                    }
                } catch (IOException full) {
                    // Then a smaller piece may fit.
                }
            }
        }
    }

    public void empty() throws IOException {
        Files.deleteIfExists(filler);
    }

    /** Only while no file is open for writing. */
    public void readOnly(boolean only) throws Exception {
        assertThat(run("mount", "-o", "remount," + (only ? "ro" : "rw"), folder.toString()))
                .isZero();
    }

    @Override
    public void close() throws Exception {
        run("umount", "-l", folder.toString());
    }
}
