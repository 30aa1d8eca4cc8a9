package dev.tocsin.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Why the agent ended last that did not end by itself: a line in the file {@code last-error} of its data folder. */
final class LastError {
    private static final int MAX_LENGTH = 500;

    private LastError() {}

    /** Best effort: the disk may be what failed. */
    static void keep(Path data, String why) {
        String line = Instant.now() + " " + why.replaceAll("\\s+", " ");
        try {
            Files.writeString(file(data), line.substring(0, Math.min(line.length(), MAX_LENGTH)) + "\n");
        } catch (IOException e) {
            System.err.println("edge-agent: " + why + " (and " + file(data) + " cannot be written)");
        }
    }

    static @Nullable String read(Path data) {
        try {
            return Files.exists(file(data)) ? Files.readString(file(data)).strip() : null;
        } catch (IOException e) {
            return e.toString();
        }
    }

    private static Path file(Path data) {
        return data.resolve("last-error");
    }
}
