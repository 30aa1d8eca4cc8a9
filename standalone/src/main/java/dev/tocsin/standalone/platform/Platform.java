package dev.tocsin.standalone.platform;

import dev.tocsin.standalone.broker.access.Credentials;
import dev.tocsin.standalone.broker.access.Role;
import dev.tocsin.standalone.database.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The whole river on one machine: PostgreSQL, broker, both jobs, API and agent, each a process of its own, watched and
 * started again when it dies. The order of the start is the order in which one needs the other: a session must exist
 * before an agent may publish.
 *
 * <p>Not thread-safe, but for {@link #close}, which a shutdown hook may call at any time.
 */
public final class Platform implements AutoCloseable {
    private static final Duration READY_WITHIN = Duration.ofSeconds(90);
    private static final Duration STOP_GRACE = Duration.ofSeconds(4);

    /** The broker's user that speaks for devices. */
    public static final String FIELD_USER = "field";

    static final String PLATFORM_USER = "platform";

    private static final String BROKER = "broker";

    private final Plan plan;
    private final Consumer<String> say;
    private final Credentials credentials;
    private final Map<String, Child> children = new LinkedHashMap<>();
    private final Deque<Child> startOrder = new ConcurrentLinkedDeque<>();
    private @Nullable EmbeddedPostgres postgres;
    private volatile boolean closing;

    private Platform(Plan plan, Consumer<String> say) throws IOException {
        this.plan = plan;
        this.say = say;
        this.credentials = Credentials.open(plan.data().resolve("credentials"));
    }

    /**
     * Starts everything and returns when every process is ready.
     *
     * @param say told one line for each step
     * @throws StartException with one line for the person at the keyboard; whatever had started is stopped again
     */
    public static Platform start(Plan plan, Consumer<String> say) throws StartException {
        plan.layout().requireBuilt();
        requireWritable(plan.data());
        Platform platform;
        try {
            platform = new Platform(plan, say);
        } catch (IOException e) {
            throw new StartException("the credentials in " + plan.data() + " cannot be kept: " + e.getMessage());
        }
        // Before the first process: a Ctrl-C during the start leaves nothing behind either.
        Runtime.getRuntime().addShutdownHook(new Thread(platform::close, "stop-platform"));
        try {
            platform.startAll();
            return platform;
        } catch (StartException e) {
            platform.close();
            throw e;
        } catch (IOException e) {
            platform.close();
            throw new StartException("the platform cannot start: " + e.getMessage());
        }
    }

    public Plan plan() {
        return plan;
    }

    /** A process by its name: broker, alarm-job, archive-job, cloud-api or edge-agent. */
    public Child child(String name) {
        Child child = children.get(name);
        if (child == null) {
            throw new IllegalArgumentException("no process is called '" + name + "'; there are " + children.keySet());
        }
        return child;
    }

    public List<Child> children() {
        return List.copyOf(children.values());
    }

    /** The embedded database; absent where another one is used. */
    public @Nullable EmbeddedPostgres postgres() {
        return postgres;
    }

    /** Stops the embedded database until {@link #startPostgres}. */
    public synchronized void stopPostgres() throws IOException {
        EmbeddedPostgres running = postgres;
        postgres = null;
        if (running != null) {
            running.stop();
        }
    }

    /** Starts the embedded database on the data it has, and again whenever it ends by itself. */
    public synchronized void startPostgres() throws IOException {
        EmbeddedPostgres started = EmbeddedPostgres.start(
                plan.data().resolve("postgres"), plan.ports().postgres());
        postgres = started;
        started.onExit().thenRunAsync(() -> revivePostgres(started));
    }

    private synchronized void revivePostgres(EmbeddedPostgres ended) {
        if (closing || postgres != ended) {
            return;
        }
        watching().ended("PostgreSQL", -1);
        long began = System.nanoTime();
        try {
            // It holds the folder's lock until it is closed.
            ended.close();
            startPostgres();
            watching().restarted("PostgreSQL", Duration.ofNanos(System.nanoTime() - began));
        } catch (IOException e) {
            say.accept("PostgreSQL cannot be started again: " + e.getMessage());
        }
    }

    public Credentials credentials() {
        return credentials;
    }

    public String brokerUrl() {
        return plan.broker() != null
                ? plan.broker().url()
                : "tcp://127.0.0.1:" + plan.ports().mqtt();
    }

    private void startAll() throws StartException, IOException {
        credentials.user(PLATFORM_USER, Role.PLATFORM);
        credentials.user(plan.gateway(), Role.GATEWAY);
        if (plan.demoPassword() != null) {
            credentials.user(FIELD_USER, Role.FIELD, plan.demoPassword(), List.of());
        } else {
            credentials.user(FIELD_USER, Role.FIELD);
        }
        plan.ports().requireFree();
        if (plan.database() == null) {
            step("PostgreSQL", this::startPostgres);
        }
        Processes processes = new Processes(plan, credentials, brokerUrl(), postgres);
        if (plan.broker() == null) {
            run(child(BROKER, processes.broker()));
        }
        once("sessions and schema", child("provision", processes.provision()));
        run(
                child("alarm-job", processes.alarmJob()),
                child("archive-job", processes.archiveJob()),
                child("cloud-api", processes.cloudApi()));
        run(child("edge-agent", processes.edgeAgent()));
    }

    private Child child(String name, List<String> command) throws IOException {
        return new Child(name, command, plan.data(), READY_WITHIN);
    }

    private void run(Child... together) throws StartException {
        List<Thread> starts = new ArrayList<>();
        List<StartException> failures = java.util.Collections.synchronizedList(new ArrayList<>());
        for (Child child : together) {
            children.put(child.name(), child);
            startOrder.push(child);
            Thread start = new Thread(
                    () -> {
                        try {
                            step(child.name(), child::start);
                        } catch (StartException | IOException e) {
                            failures.add(new StartException(String.valueOf(e.getMessage())));
                        }
                    },
                    "start-" + child.name());
            start.start();
            starts.add(start);
        }
        try {
            for (Thread start : starts) {
                start.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException("interrupted while starting");
        }
        if (!failures.isEmpty()) {
            throw failures.get(0);
        }
        for (Child child : together) {
            child.supervise(watching());
        }
    }

    private void once(String what, Child child) throws StartException, IOException {
        step(what, child::start);
        child.stop(STOP_GRACE);
    }

    private interface Step {
        void run() throws StartException, IOException;
    }

    private void step(String what, Step step) throws StartException, IOException {
        long began = System.nanoTime();
        step.run();
        if (closing) {
            throw new StartException("stopped while starting");
        }
        say.accept(String.format("  %-20s ready in %.1f s", what, (System.nanoTime() - began) / 1e9));
    }

    private Child.Events watching() {
        return new Child.Events() {
            @Override
            public void ended(String name, int exitCode) {
                if (!closing) {
                    say.accept(name + " ended unexpectedly (exit code " + exitCode + "); starting it again");
                }
            }

            @Override
            public void restarted(String name, Duration took) {
                say.accept(String.format("%s is back after %.1f s", name, took.toMillis() / 1000.0));
            }
        };
    }

    /** Stops everything: what uses the broker and the database first, all at once, then these. */
    @Override
    public void close() {
        boolean first = !closing;
        closing = true;
        stopAll();
        if (first) {
            say.accept("Stopped.");
        }
    }

    private synchronized void stopAll() {
        startOrder.parallelStream()
                .filter(child -> !child.name().equals(BROKER))
                .forEach(c -> c.stop(STOP_GRACE));
        startOrder.forEach(child -> child.stop(STOP_GRACE));
        startOrder.clear();
        try {
            stopPostgres();
        } catch (IOException e) {
            say.accept("PostgreSQL did not stop cleanly, it will recover at its next start: " + e.getMessage());
        }
    }

    private static void requireWritable(Path data) throws StartException {
        try {
            Files.createDirectories(data);
            Path probe = Files.createTempFile(data, "probe", "");
            Files.delete(probe);
        } catch (IOException e) {
            throw new StartException(
                    "the data folder " + data.toAbsolutePath() + " cannot be written; choose another with --data DIR ("
                            + e.getClass().getSimpleName() + ")");
        }
    }
}
