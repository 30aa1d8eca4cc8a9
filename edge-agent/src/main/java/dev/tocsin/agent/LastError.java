package dev.tocsin.agent;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why the agent ended last that did not end by itself: the file {@code last-error} of its data folder. The first line is
 * for people, and stays. A crash has a second one, which the next run takes away: by it that run tells a crash from a kill
 * and from a power cut, and no later one does.
 */
final class LastError {
    private static final Logger LOG = LoggerFactory.getLogger(LastError.class);
    private static final int MAX_LENGTH = 500;
    private static final String UNSEEN_CRASH = "crashed: ";

    private LastError() {}

    static void couldNotStart(Path data, String why) {
        // A crash before it is still for the run that does start.
        write(data, "cannot start: " + why, unseenCrash(data));
    }

    /** For a thread that dies and takes the process with it. */
    static void crashed(Path data, String thread, Throwable cause) {
        String why = line("thread " + thread + " died: " + cause);
        write(data, why, why);
    }

    /** For people; nothing where there is none. */
    static @Nullable String read(Path data) {
        try {
            List<String> lines = lines(data);
            return lines.isEmpty() ? null : lines.get(0);
        } catch (IOException e) {
            return file(data) + " cannot be read: " + e.getMessage();
        }
    }

    /** What the last run died of; nothing where it ended otherwise, or another run has asked. */
    static @Nullable String takeCrash(Path data) {
        String crash = unseenCrash(data);
        if (crash != null) {
            try {
                Files.writeString(file(data), lines(data).get(0) + "\n");
            } catch (IOException e) {
                LOG.warn("{} cannot be written: the next start will take this crash for one of its own", file(data));
            }
        }
        return crash;
    }

    private static @Nullable String unseenCrash(Path data) {
        try {
            List<String> lines = lines(data);
            return lines.size() > 1 && lines.get(1).startsWith(UNSEEN_CRASH)
                    ? lines.get(1).substring(UNSEEN_CRASH.length())
                    : null;
        } catch (IOException e) {
            LOG.warn("{} cannot be read: {}", file(data), e.toString());
            return null;
        }
    }

    /** Best effort: the disk may be what failed. */
    private static void write(Path data, String why, @Nullable String crash) {
        String text = line(Instant.now() + " " + why) + "\n" + (crash == null ? "" : UNSEEN_CRASH + crash + "\n");
        try {
            Files.writeString(file(data), text);
        } catch (IOException e) {
            System.err.println("edge-agent: " + why + " (and " + file(data) + " cannot be written)");
        }
    }

    private static String line(String text) {
        String line = text.replaceAll("\\s+", " ");
        return line.substring(0, Math.min(line.length(), MAX_LENGTH));
    }

    private static List<String> lines(Path data) throws IOException {
        return Files.exists(file(data)) ? Files.readAllLines(file(data)) : List.of();
    }

    private static Path file(Path data) {
        return data.resolve("last-error");
    }
}
