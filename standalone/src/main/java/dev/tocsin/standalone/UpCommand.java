package dev.tocsin.standalone;

import dev.tocsin.standalone.platform.Layout;
import dev.tocsin.standalone.platform.Plan;
import dev.tocsin.standalone.platform.Platform;
import dev.tocsin.standalone.platform.StartException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        description = "Runs the platform on this machine until Ctrl-C and keeps its data between starts.")
final class UpCommand implements Callable<Integer> {
    @Mixin
    private PortOptions ports = new PortOptions();

    @Mixin
    private DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private BrokerOptions broker = new BrokerOptions();

    @Option(
            names = "--data",
            defaultValue = "${env:TOCSIN_DATA:-data}",
            description = "folder of everything that is kept (${DEFAULT-VALUE})")
    private Path data = Path.of("data");

    @Option(names = "--registry", description = "YAML of areas, gateways and devices to import at the start")
    private @Nullable Path registry;

    @Option(
            names = "--open-enrolment",
            description = "let in devices that nobody registered (a demonstration, never a site)")
    private boolean openEnrolment;

    @Override
    public Integer call() throws StartException, InterruptedException {
        Plan plan = new Plan(
                Layout.fromEnvironment(),
                data.toAbsolutePath(),
                ports.ports(),
                Plan.GATEWAY,
                Plan.SHARDS,
                registry == null ? null : registry.toAbsolutePath(),
                openEnrolment,
                null,
                database.database(),
                broker.broker());
        System.out.println("Starting Tocsin with the data in " + plan.data());
        try (Platform platform = Platform.start(plan, UpCommand::say)) {
            System.out.println();
            System.out.println(
                    "READY  console   http://127.0.0.1:" + plan.ports().http());
            System.out.println(
                    "       sensors   mqtt://127.0.0.1:" + plan.ports().mqtt() + "   coap://127.0.0.1:"
                            + plan.ports().coap());
            System.out.println("       password of the administrator (user admin): "
                    + plan.data().resolve("credentials").resolve("admin.txt"));
            System.out.println("       Ctrl-C stops it.");
            runUntilStopped();
        }
        return 0;
    }

    static void say(String line) {
        System.out.println(line);
    }

    /** Returns never: Ctrl-C or SIGTERM runs the shutdown hook of the platform, and that is the end. */
    static void runUntilStopped() throws InterruptedException {
        new CountDownLatch(1).await();
    }
}
