package dev.tocsin.standalone.platform;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Processes that a killed launcher left behind; they hold the ports and write the data. Whoever calls holds the lock of
 * the data folder: no launcher is watching over them any more.
 */
final class Leftovers {
    private static final Duration GRACE = Duration.ofSeconds(4);

    private Leftovers() {}

    /**
     * Stops them, the broker after those who use it.
     *
     * @return names of the processes that were still there
     */
    static List<String> stop(Path data) throws IOException {
        Path run = data.resolve("run");
        List<String> names = new ArrayList<>();
        if (!Files.isDirectory(run)) {
            return names;
        }
        List<ProcessHandle> users = new ArrayList<>();
        List<ProcessHandle> brokers = new ArrayList<>();
        List<Path> marks = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(run, "*.pid")) {
            for (Path file : files) {
                marks.add(file);
                Optional<ProcessHandle> left = processOf(file).filter(process -> works(process, data));
                String name = file.getFileName().toString().replace(".pid", "");
                left.ifPresent(process -> {
                    names.add(name);
                    (name.equals(Platform.BROKER) ? brokers : users).add(process);
                });
            }
        }
        Ending.of(users, GRACE);
        Ending.of(brokers, GRACE);
        for (Path mark : marks) {
            Files.deleteIfExists(mark);
        }
        return names;
    }

    private static Optional<ProcessHandle> processOf(Path mark) throws IOException {
        String pid = Files.readString(mark).strip();
        return pid.matches("\\d{1,18}") ? ProcessHandle.of(Long.parseLong(pid)) : Optional.empty();
    }

    /**
     * Process ids are used again by the system: only a Java process with an argument that names this very folder, or
     * something in it, may be ended.
     */
    private static boolean works(ProcessHandle process, Path data) {
        try {
            String[] words = Files.readString(
                            Path.of("/proc", Long.toString(process.pid()), "cmdline"), StandardCharsets.UTF_8)
                    .split("\0");
            return words[0].endsWith("/java")
                    && Stream.of(words)
                            .map(word -> word.substring(word.indexOf('=') + 1))
                            .anyMatch(value -> value.equals(data.toString()) || value.startsWith(data + "/"));
        } catch (IOException e) {
            return false; // It ended meanwhile, or belongs to a stranger.
        }
    }
}
