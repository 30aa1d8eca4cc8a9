package dev.tocsin.standalone;

import dev.tocsin.standalone.bench.ArchiveBench;
import dev.tocsin.standalone.bench.Bench;
import dev.tocsin.standalone.bench.DetectBench;
import dev.tocsin.standalone.bench.EdgeBench;
import dev.tocsin.standalone.bench.StreamBench;
import dev.tocsin.standalone.database.DatabaseRole;
import dev.tocsin.standalone.database.EmbeddedPostgres;
import dev.tocsin.standalone.platform.Layout;
import dev.tocsin.standalone.platform.Plan;
import dev.tocsin.standalone.platform.Platform;
import dev.tocsin.standalone.platform.Ports;
import dev.tocsin.standalone.platform.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Runs everything in a fresh data folder on free ports, measures, and prints the figures.",
        subcommands = {
            BenchCommand.Detect.class,
            BenchCommand.Stream.class,
            BenchCommand.Archive.class,
            BenchCommand.Edge.class
        })
final class BenchCommand implements Callable<Integer> {
    @Option(names = "--seconds", defaultValue = "20", description = "how long each load lasts (${DEFAULT-VALUE})")
    private int seconds = 20;

    @Override
    public Integer call() throws StartException, IOException, MqttException, InterruptedException, SQLException {
        Path data = temporaryFolder();
        Plan plan = Plan.embedded(Layout.fromEnvironment(), data, Ports.free()).asDemo(DemoCommand.PASSWORD);
        long began = System.nanoTime();
        try (Platform platform = Platform.start(plan, UpCommand::say)) {
            System.out.printf("start-up of everything: %.1f s%n", (System.nanoTime() - began) / 1e9);
            new Bench(platform, DemoCommand.PASSWORD, Duration.ofSeconds(seconds), System.out::println).run();
        }
        return 0;
    }

    @Command(
            name = "detect",
            mixinStandardHelpOptions = true,
            description = "Measures the detectors alone: nanoseconds a reading, and the size of what they remember.")
    static final class Detect implements Callable<Integer> {
        @Option(
                names = "--seconds",
                defaultValue = "5",
                description = "how long each figure is measured, after as long a warm-up (${DEFAULT-VALUE})")
        private int seconds = 5;

        @Override
        public Integer call() throws RunnerException {
            new DetectBench(Duration.ofSeconds(seconds), System.out::println).run();
            return 0;
        }
    }

    @Command(
            name = "stream",
            mixinStandardHelpOptions = true,
            description = "Measures the alarm job alone, source excluded: readings a second and core, bytes a device.")
    static final class Stream implements Callable<Integer> {
        @Option(
                names = "--devices",
                split = ",",
                defaultValue = "1000,100000,1000000",
                description = "how many, one measurement each (${DEFAULT-VALUE})")
        private List<Integer> devices = List.of();

        @Option(
                names = "--readings",
                defaultValue = "6000000",
                description = "measured at least, after half as many to warm up (${DEFAULT-VALUE})")
        private long readings = 6_000_000;

        @Option(
                names = "--heap-mb",
                defaultValue = "6144",
                description = "heap of each measured process; a million devices need it (${DEFAULT-VALUE})")
        private int heapMb = 6_144;

        @Override
        public Integer call() throws IOException, InterruptedException {
            new StreamBench(Layout.fromEnvironment(), temporaryFolder(), heapMb, System.out::println)
                    .run(devices, readings);
            return 0;
        }
    }

    @Command(
            name = "archive",
            mixinStandardHelpOptions = true,
            description = "Measures the archive job alone: rows a second into a database, beside a bare COPY of them.")
    static final class Archive implements Callable<Integer> {
        @Mixin
        private DatabaseOptions database = new DatabaseOptions();

        @Option(names = "--rows", defaultValue = "20000000", description = "stored at least (${DEFAULT-VALUE})")
        private long rows = 20_000_000;

        @Override
        public Integer call() throws StartException, IOException, InterruptedException {
            Plan.External external = database.database();
            Path data = temporaryFolder();
            if (external != null) {
                measure(data, external);
                return 0;
            }
            try (EmbeddedPostgres embedded = EmbeddedPostgres.start(data.resolve("postgres"), 0)) {
                measure(
                        data,
                        new Plan.External(
                                embedded.jdbcUrl(),
                                DatabaseRole.STREAM.user(),
                                embedded.passwordFile(DatabaseRole.STREAM)));
            }
            return 0;
        }

        private void measure(Path data, Plan.External into) throws IOException, InterruptedException {
            new ArchiveBench(Layout.fromEnvironment(), data, into, System.out::println).run(rows);
        }
    }

    @Command(
            name = "edge",
            mixinStandardHelpOptions = true,
            description = "Measures the edge agent alone: start, memory, what it takes, and what an outage costs.")
    static final class Edge implements Callable<Integer> {
        @Option(names = "--seconds", defaultValue = "20", description = "how long each load lasts (${DEFAULT-VALUE})")
        private int seconds = 20;

        @Option(
                names = "--offline-hours",
                defaultValue = "72",
                description = "without uplink, at 100 readings/s (${DEFAULT-VALUE})")
        private int offlineHours = 72;

        @Override
        public Integer call() throws IOException, InterruptedException, MqttException {
            new EdgeBench(Layout.fromEnvironment(), temporaryFolder(), Duration.ofSeconds(seconds), System.out::println)
                    .run(offlineHours);
            return 0;
        }
    }

    /** Deleted when this process ends. */
    private static Path temporaryFolder() throws IOException {
        Path folder = Files.createTempDirectory("tocsin-bench-");
        Runtime.getRuntime().addShutdownHook(new Thread(() -> DemoCommand.deleteWhenStopped(folder), "delete-data"));
        return folder;
    }
}
