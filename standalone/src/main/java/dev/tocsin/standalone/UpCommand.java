package dev.tocsin.standalone;

import dev.tocsin.standalone.platform.Plan;
import dev.tocsin.standalone.platform.Platform;
import dev.tocsin.standalone.platform.StartException;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        description = "Runs the platform on this machine until Ctrl-C and keeps its data between starts.")
final class UpCommand implements Callable<Integer> {
    @Mixin
    private PortOptions ports = new PortOptions();

    @Mixin
    private JobPortOptions jobPorts = new JobPortOptions();

    @Mixin
    private SiteOptions site = new SiteOptions();

    @Override
    public Integer call() throws StartException, InterruptedException {
        run(site.plan(ports.ports(jobPorts.ports())));
        return 0;
    }

    static void run(Plan plan) throws StartException, InterruptedException {
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
    }

    static void say(String line) {
        System.out.println(line);
    }

    /** Returns never: Ctrl-C or SIGTERM runs the shutdown hook of the platform, and that is the end. */
    static void runUntilStopped() throws InterruptedException {
        new CountDownLatch(1).await();
    }
}
