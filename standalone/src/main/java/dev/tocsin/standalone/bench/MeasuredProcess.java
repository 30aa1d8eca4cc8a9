package dev.tocsin.standalone.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A process that measures and then prints one line of {@code name=figure}; it ends with this one at the latest. */
final class MeasuredProcess {
    private static final Pattern LINE = Pattern.compile("[a-z-]+=\\d+( [a-z-]+=\\d+)*");
    private static final Pattern FIGURE = Pattern.compile("([a-z-]+)=(\\d+)");

    private MeasuredProcess() {}

    /**
     * Runs it to its end.
     *
     * @throws IOException with the last line it printed, where it ended without figures
     */
    static Map<String, Long> run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly, "end-of-measurement"));
        Map<String, Long> figures = new LinkedHashMap<>();
        String last = "it printed nothing";
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (LINE.matcher(line).matches()) {
                    Matcher figure = FIGURE.matcher(line);
                    while (figure.find()) {
                        figures.put(figure.group(1), Long.parseLong(figure.group(2)));
                    }
                } else if (!line.isBlank()) {
                    last = line.strip();
                }
            }
        } finally {
            process.destroyForcibly();
        }
        int code = process.waitFor();
        if (figures.isEmpty()) {
            throw new IOException("the measuring process ended with " + code + ": " + last);
        }
        return figures;
    }

    /** Of those that it printed. */
    static long figure(Map<String, Long> figures, String name) {
        return Objects.requireNonNull(figures.get(name), name);
    }
}
