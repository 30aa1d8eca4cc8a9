package dev.tocsin.standalone.platform;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A log file that is put aside when it is full, as {@code .1}, which pushes {@code .1} to {@code .2} and so on; the
 * oldest goes. A line that the disk refuses is counted instead of thrown: whoever writes the line must not stop reading,
 * for a process whose output nobody reads stands still.
 *
 * <p>Thread-safe.
 */
final class RotatingLog implements AutoCloseable {
    private final Path file;
    private final long fullBytes;
    private final int keep;
    private @Nullable OutputStream out;
    private long written;
    private long lost;

    /**
     * @param fullBytes what a file may hold, but for its last line
     * @param keep how many full files stand beside it, at least 1
     */
    RotatingLog(Path file, long fullBytes, int keep) {
        this.file = file;
        this.fullBytes = fullBytes;
        this.keep = keep;
    }

    synchronized void line(String line) {
        try {
            OutputStream open = open();
            if (lost > 0) {
                write(open, "(" + lost + " lines could not be written here)");
                lost = 0;
            }
            write(open, line);
        } catch (IOException e) {
            lost++;
        }
    }

    private OutputStream open() throws IOException {
        if (out != null && written >= fullBytes) {
            close();
            putAside();
        }
        OutputStream open = out;
        if (open == null) {
            open = Files.newOutputStream(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            out = open;
            written = Files.size(file);
        }
        return open;
    }

    private void putAside() throws IOException {
        for (int age = keep - 1; age > 0; age--) {
            if (Files.exists(aside(age))) {
                Files.move(aside(age), aside(age + 1), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Files.move(file, aside(1), StandardCopyOption.REPLACE_EXISTING);
    }

    private Path aside(int age) {
        return file.resolveSibling(file.getFileName() + "." + age);
    }

    private void write(OutputStream open, String line) throws IOException {
        byte[] bytes = (line + "\n").getBytes(StandardCharsets.UTF_8);
        open.write(bytes);
        written += bytes.length;
    }

    /** Until the next line. */
    @Override
    public synchronized void close() throws IOException {
        OutputStream open = out;
        out = null;
        if (open != null) {
            open.close();
        }
    }
}
