package dev.tocsin.standalone.river;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/** Real recordings, kept outside of the repository: beside it, or where {@code tocsin.shared-data} says. */
public final class SharedData {
    private SharedData() {}

    /** The folder of one set; the calling test is skipped, saying so, where the set is absent. */
    public static Path set(String name) {
        Path here = Path.of("").toAbsolutePath();
        Path folder = Stream.of(
                        Path.of(System.getProperty("tocsin.shared-data", "none")),
                        here.resolve("../shared/data"),
                        here.resolve("../../shared/data"))
                .map(data -> data.resolve(name))
                .filter(Files::isDirectory)
                .findFirst()
                .orElse(here.resolve("../../shared/data").resolve(name));
        Assumptions.assumeTrue(Files.isDirectory(folder), () -> "the data set " + name + " is not here: " + folder);
        return folder;
    }
}
