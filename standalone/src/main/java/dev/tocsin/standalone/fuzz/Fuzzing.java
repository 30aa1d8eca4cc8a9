package dev.tocsin.standalone.fuzz;

import dev.tocsin.standalone.platform.Layout;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Attacks decoders one after the other, each by Jazzer in a process of its own, and weighs what that found dear. */
public final class Fuzzing {
    /** The largest message a sensor may send, and one byte more to see it refused. */
    private static final int MAX_INPUT_BYTES = 64 * 1024 + 1;

    private static final int HEAP_MB = 768;
    /** An input that takes longer ends the attack; by the wall clock, and virtual machines stand still for a minute. */
    private static final int HANGS_AFTER_SECONDS = 180;

    private static final int TOLD_LINES = 30;
    private static final Pattern EXECUTED = Pattern.compile("stat::number_of_executed_units:\\s*(\\d+)");
    private static final Pattern COVERED = Pattern.compile("cov: (\\d+) ft: ");
    private static final Pattern WEIGHED = Pattern.compile("WEIGHED (\\d+) (\\d+) (\\d+)");
    private static final String TOO_DEAR = "TOO DEAR ";

    private final Layout layout;
    private final Path folder;
    private final Consumer<String> print;

    /** @param folder where inputs are kept, those that a decoder does not bear among them; made when it is not there */
    public Fuzzing(Layout layout, Path folder, Consumer<String> print) {
        this.layout = layout;
        this.folder = folder;
        this.print = print;
    }

    /**
     * @return whether the decoder bore everything
     * @throws IOException when the fuzzer itself could not run
     */
    public boolean attack(Decoder decoder, Duration duration) throws IOException, InterruptedException {
        Path corpus = Files.createDirectories(folder.resolve(decoder + "-corpus"));
        Path suspects = Files.createDirectories(folder.resolve(decoder + "-dear"));
        List<byte[]> seeds = Seeds.of(decoder);
        for (int i = 0; i < seeds.size(); i++) {
            Files.write(corpus.resolve("seed-" + i), seeds.get(i));
        }
        Ended fuzzer = run(fuzzer(decoder, duration, corpus, suspects));
        if (fuzzer.code != 0) {
            print.accept(decoder + ": FOUND, the input is in " + folder + "\n  " + fuzzer.lastLines());
            return false;
        }
        long inputs = Long.parseLong(fuzzer.last(EXECUTED).group(1));
        String edges = fuzzer.last(COVERED).group(1);
        Ended scales = run(scales(decoder, corpus, suspects));
        Matcher weighed = scales.last(WEIGHED);
        List<String> tooDear =
                scales.lines.stream().filter(line -> line.startsWith(TOO_DEAR)).toList();
        print.accept(String.format(
                Locale.ROOT,
                "%-13s %,d inputs in %d s, %s edges of code, no crash; of %s kept the dearest took %.2f ms of processor,"
                        + " the largest %,d bytes of memory%s",
                decoder + ":",
                inputs,
                duration.toSeconds(),
                edges,
                weighed.group(1),
                Long.parseLong(weighed.group(2)) / 1e6,
                Long.parseLong(weighed.group(3)),
                tooDear.isEmpty() ? "" : "\n  " + String.join("\n  ", tooDear)));
        return tooDear.isEmpty();
    }

    private List<String> fuzzer(Decoder decoder, Duration duration, Path corpus, Path suspects) {
        return layout.java(
                "standalone",
                "lib",
                "com.code_intelligence.jazzer.Jazzer",
                HEAP_MB,
                List.of(
                        "-XX:+UseSerialGC",
                        "-D" + Attack.DECODER + "=" + decoder.name(),
                        "-D" + Attack.SUSPECTS + "=" + suspects),
                List.of(
                        "--target_class=" + Attack.class.getName(),
                        "--instrumentation_includes=dev.tocsin.profiles.**:com.fasterxml.jackson.**"
                                + ":org.yaml.snakeyaml.**:com.google.protobuf.**:org.eclipse.californium.**",
                        "--reproducer_path=" + folder,
                        "-artifact_prefix=" + folder + "/" + decoder + "-",
                        "-max_total_time=" + Math.max(1, duration.toSeconds()),
                        "-max_len=" + MAX_INPUT_BYTES,
                        "-timeout=" + HANGS_AFTER_SECONDS,
                        "-print_final_stats=1",
                        corpus.toString()));
    }

    private List<String> scales(Decoder decoder, Path corpus, Path suspects) {
        return layout.java(
                "standalone",
                "lib",
                Weighing.class.getName(),
                HEAP_MB,
                List.of("-XX:+UseSerialGC"),
                List.of(decoder.name(), corpus.toString(), suspects.toString()));
    }

    private static Ended run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        Thread atEnd = new Thread(process::destroyForcibly, "end-of-attack");
        Runtime.getRuntime().addShutdownHook(atEnd);
        List<String> lines = new ArrayList<>();
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                lines.add(line);
            }
        } finally {
            process.destroyForcibly();
            Runtime.getRuntime().removeShutdownHook(atEnd);
        }
        return new Ended(process.waitFor(), lines);
    }

    /** A process that ended, and all it said. */
    private record Ended(int code, List<String> lines) {
        /** The last that fits, anywhere in a line. */
        Matcher last(Pattern pattern) throws IOException {
            for (int i = lines.size() - 1; i >= 0; i--) {
                Matcher matcher = pattern.matcher(lines.get(i));
                if (matcher.find()) {
                    return matcher;
                }
            }
            throw new IOException(
                    "a process of the attack ended with " + code + " without its figures: " + lastLines());
        }

        String lastLines() {
            return String.join("\n  ", lines.subList(Math.max(0, lines.size() - TOLD_LINES), lines.size()));
        }
    }
}
