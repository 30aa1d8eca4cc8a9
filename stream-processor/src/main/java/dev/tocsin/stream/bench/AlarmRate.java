package dev.tocsin.stream.bench;

import dev.tocsin.profiles.config.Settings;
import dev.tocsin.stream.AlarmJob;
import dev.tocsin.stream.bench.AlarmSink.Reached;
import dev.tocsin.stream.run.JobConfig;
import dev.tocsin.stream.run.JobRun;
import dev.tocsin.stream.run.LocalRun;
import dev.tocsin.stream.source.Uplink;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Measures the alarm job on one subtask, from messages that were received already to alerts that are to be published,
 * and prints one line of {@code name=figure}. Every thread of the process counts, so that readings for each second of
 * CPU are what a core does; {@link Traffic} is written before. No checkpoint is made while it measures, one after it.
 */
public final class AlarmRate {
    private static final long WITHIN_MINUTES = 30;
    /** Beyond the end of a measurement. */
    private static final String NO_CHECKPOINT_MS = "600000";

    private AlarmRate() {}

    /**
     * Keys: {@code data} (a folder of its own), {@code devices}, {@code readings} (to be measured, at least), {@code
     * per-device}, and those of the job.
     */
    public static void main(String[] args) {
        try {
            Settings settings = new Settings(args, Map.of("TOCSIN_CHECKPOINT_INTERVAL_MS", NO_CHECKPOINT_MS));
            JobConfig config = JobConfig.read(settings, 0, 0);
            Traffic traffic = new Traffic(
                    settings.integer("devices", "devices", 1_000, 1, 10_000_000),
                    settings.integer("per-device", "readings", 3, 1, Traffic.BATCH));
            long readings = settings.whole("readings", "readings", 6_000_000, 1, 1_000_000_000);
            settings.finish();
            System.out.println(measure(config, traffic, readings));
            System.exit(0);
        } catch (Exception e) {
            JobRun.exit(e);
        }
    }

    private static String measure(JobConfig config, Traffic traffic, long readings) throws Exception {
        int rounds = traffic.rounds(readings);
        Path messages = Files.createDirectories(config.data()).resolve("messages");
        traffic.write(messages, traffic.rounds(readings / 2), rounds);
        RecordedSource source = new RecordedSource(messages.toString(), true);
        // Left to the end of the process.
        LocalRun run = LocalRun.start(
                AlarmJob.NAME,
                config,
                env -> AlarmJob.defineWorkflow(env, new Uplink(source), config.shards(), new AlarmSink()));
        Reached begin = await();
        Reached end = await();
        Reached before = Reached.now();
        long bytes = size(Path.of(URI.create(run.checkpoint())));
        Reached after = Reached.now();
        return String.format(
                Locale.ROOT,
                "readings=%d wall-ns=%d cpu-ns=%d checkpoint-bytes=%d checkpoint-ns=%d checkpoint-cpu-ns=%d",
                traffic.readings(rounds),
                end.atNs() - begin.atNs(),
                end.cpuNs() - begin.cpuNs(),
                bytes,
                after.atNs() - before.atNs(),
                after.cpuNs() - before.cpuNs());
    }

    private static Reached await() throws InterruptedException {
        Reached reached = AlarmSink.REACHED.poll(WITHIN_MINUTES, TimeUnit.MINUTES);
        if (reached == null) {
            throw new IllegalStateException("no alert within " + WITHIN_MINUTES + " min");
        }
        return reached;
    }

    private static long size(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }
}
