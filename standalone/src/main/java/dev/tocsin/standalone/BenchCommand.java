package dev.tocsin.standalone;

import dev.tocsin.standalone.bench.Bench;
import dev.tocsin.standalone.bench.DetectBench;
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
import java.util.concurrent.Callable;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.openjdk.jmh.runner.RunnerException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description = "Runs everything in a fresh data folder on free ports, measures, and prints the figures.",
        subcommands = BenchCommand.Detect.class)
final class BenchCommand implements Callable<Integer> {
    @Option(names = "--seconds", defaultValue = "20", description = "how long each load lasts (${DEFAULT-VALUE})")
    private int seconds = 20;

    @Override
    public Integer call() throws StartException, IOException, MqttException, InterruptedException, SQLException {
        Path data = Files.createTempDirectory("tocsin-bench-");
        Plan plan = Plan.embedded(Layout.fromEnvironment(), data, Ports.free()).asDemo(DemoCommand.PASSWORD);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> DemoCommand.deleteWhenStopped(data), "delete-data"));
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
}
