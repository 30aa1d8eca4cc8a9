package dev.tocsin.standalone;

import dev.tocsin.standalone.field.FieldPublisher;
import dev.tocsin.standalone.platform.Layout;
import dev.tocsin.standalone.platform.Plan;
import dev.tocsin.standalone.platform.Platform;
import dev.tocsin.standalone.platform.StartException;
import dev.tocsin.standalone.town.Town;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = "Runs the platform with a simulated town in which, within two minutes, a room catches fire, a CO "
                + "leak builds, a door is forced and a device falls silent.")
final class DemoCommand implements Callable<Integer> {
    static final String PASSWORD = "demo";
    static final int WINDOW = 500;

    @Mixin
    private PortOptions ports = new PortOptions();

    @Mixin
    private JobPortOptions jobPorts = new JobPortOptions();

    @Option(
            names = "--data",
            description = "folder to use and to keep; without it a new one is used and deleted at the end")
    private @Nullable Path data;

    @Override
    public Integer call() throws StartException, IOException, MqttException, InterruptedException {
        Path folder = data != null ? data.toAbsolutePath() : Files.createTempDirectory("tocsin-demo-");
        Town town = new Town(Clock.systemUTC());
        Path registry = folder.resolve("town.yaml");
        Plan plan = Plan.embedded(Layout.fromEnvironment(), folder, ports.ports(jobPorts.ports()))
                .withRegistry(registry)
                .asDemo(PASSWORD);
        System.out.println("Starting Tocsin with a simulated town of " + town.deviceCount() + " devices");
        if (data == null) {
            Runtime.getRuntime().addShutdownHook(new Thread(() -> deleteWhenStopped(folder), "delete-data"));
        }
        try (Platform platform = Platform.claim(plan, UpCommand::say)) {
            Files.writeString(registry, town.registry(Plan.GATEWAY));
            platform.start();
            try (FieldPublisher field = new FieldPublisher(
                            platform.brokerUrl(), "demo-town", Platform.FIELD_USER, PASSWORD, WINDOW);
                    town) {
                greet(plan, town);
                town.live(field);
                UpCommand.runUntilStopped();
            }
        }
        return 0;
    }

    private static void greet(Plan plan, Town town) {
        System.out.printf(
                """

                READY  console   http://127.0.0.1:%d
                       log in as duty, crew or admin; password %s   /  用户 duty、crew、admin，密码 %s
                       sensors   mqtt://127.0.0.1:%d  (user %s, password %s)   coap://127.0.0.1:%d

                In the next two minutes  /  两分钟内:
                """,
                plan.ports().http(),
                PASSWORD,
                PASSWORD,
                plan.ports().mqtt(),
                Platform.FIELD_USER,
                PASSWORD,
                plan.ports().coap());
        town.announcement().forEach((when, what) -> System.out.printf("  %6s  %s%n", when, what));
        System.out.println();
        System.out.println("Ctrl-C stops it.");
    }

    /** Shutdown hooks run beside each other: the data may go only when nobody writes it any more. */
    static void deleteWhenStopped(Path folder) {
        try {
            for (int i = 0; i < 100 && inUse(folder); i++) {
                Thread.sleep(100);
            }
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                    Files.deleteIfExists(path);
                }
            }
        } catch (IOException e) {
            System.err.println("left behind: " + folder + " (" + e.getMessage() + ")");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Processes leave a file in {@code run} while they live, PostgreSQL keeps its own. */
    private static boolean inUse(Path folder) throws IOException {
        return Files.exists(folder.resolve("postgres/cluster/postmaster.pid"))
                || (Files.exists(folder.resolve("run")) && !isEmpty(folder.resolve("run")));
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isEmpty();
        }
    }
}
