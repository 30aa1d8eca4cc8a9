package dev.tocsin.profiles;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;

/**
 * Recorded data that is not part of the project: the folder is the system property {@code tocsin.shared-data}, the
 * variable {@code TOCSIN_SHARED_DATA}, or {@code shared/data} beside the project. Tests skip where it is absent.
 */
public final class SharedData {
    private SharedData() {}

    /** A file or folder of the recorded data; skips the test where it is not there. */
    public static Path path(String name) {
        Path found = Stream.of(
                        System.getProperty("tocsin.shared-data"),
                        System.getenv("TOCSIN_SHARED_DATA"),
                        "../shared/data",
                        "../../shared/data",
                        "../../../shared/data")
                .filter(folder -> folder != null)
                .map(folder -> Path.of(folder, name))
                .filter(Files::exists)
                .findFirst()
                .orElse(null);
        assumeTrue(found != null, () -> "recorded data '" + name + "' is not on this machine");
        return found;
    }

    /** Lines of a text file, unpacked where its name ends in .gz. */
    public static List<String> lines(Path file) {
        try (InputStream in = Files.newInputStream(file);
                BufferedReader reader = new BufferedReader(new InputStreamReader(
                        file.toString().endsWith(".gz") ? new GZIPInputStream(in) : in, StandardCharsets.UTF_8))) {
            return reader.lines().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
