package dev.tocsin.standalone.platform;

import dev.tocsin.standalone.broker.access.Credentials;
import dev.tocsin.standalone.broker.access.Role;
import dev.tocsin.standalone.database.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The whole river on one machine: PostgreSQL, broker, both jobs or a Flink cluster with both of them, API and agent, each
 * a process of its own, watched and started again when it dies. The order of the start is the order in which one needs
 * the other: a session must exist before an agent may publish.
 *
 * <p>Not thread-safe, but for {@link #close}, which a shutdown hook may call at any time.
 */
public final class Platform implements AutoCloseable {
    private static final Duration READY_WITHIN = Duration.ofSeconds(90);

    /** A stop is over within 10 s: 4 s for what uses the broker and the database, 2 s for the broker, 3 s for these. */
    private static final Duration STOP_GRACE = Duration.ofSeconds(4);

    private static final Duration BROKER_GRACE = Duration.ofSeconds(2);
    private static final Duration DATABASE_GRACE = Duration.ofSeconds(2);
    private static final Duration DATABASE_AT_ONCE = Duration.ofSeconds(1);

    /** The broker's user that speaks for devices. */
    public static final String FIELD_USER = "field";

    static final String PLATFORM_USER = "platform";

    static final String BROKER = "broker";

    private static final String JOB_MANAGER = "job-manager";

    /** Followed by its number, from 1. */
    private static final String TASK_MANAGER = "task-manager-";

    private final Plan plan;
    private final Consumer<String> say;
    private final DataFolder folder;
    private final Credentials credentials;
    private final Database database;
    private final Map<String, Child> children = new LinkedHashMap<>();

    /** Whatever may be running, in the order of the start; guarded by itself, as {@code closing} is for writes. */
    private final List<Child> launched = new ArrayList<>();

    private volatile boolean closing;
    private boolean stopped;

    private Platform(Plan plan, Consumer<String> say, DataFolder folder) throws IOException {
        this.plan = plan;
        this.say = say;
        this.folder = folder;
        this.credentials = Credentials.open(plan.data().resolve("credentials"));
        this.database =
                new Database(plan.data().resolve("postgres"), plan.ports().postgres(), watching());
    }

    /**
     * Starts everything and returns when every process is ready.
     *
     * @param say told one line for each step
     * @throws StartException with one line for the person at the keyboard; whatever had started is stopped again
     */
    public static Platform start(Plan plan, Consumer<String> say) throws StartException {
        Platform platform = claim(plan, say);
        platform.start();
        return platform;
    }

    /**
     * Takes the data folder, which nobody else then can, and stops what a killed launcher left behind in it. The plan's
     * registry may be written between this and {@link #start()}.
     */
    public static Platform claim(Plan plan, Consumer<String> say) throws StartException {
        plan.layout().requireBuilt();
        DataFolder folder = DataFolder.open(plan.data(), plan.isDemo());
        Platform platform;
        try {
            platform = new Platform(plan.inFolder(folder.path()), say, folder);
        } catch (IOException e) {
            throw new StartException("the credentials in " + plan.data() + " cannot be kept: " + Faults.inWords(e));
        }
        // Before the first process: a Ctrl-C during the start leaves nothing behind either.
        Runtime.getRuntime().addShutdownHook(new Thread(platform::close, "stop-platform"));
        try {
            platform.stopLeftovers();
        } catch (IOException e) {
            platform.close();
            throw new StartException("what a killed launcher left behind cannot be stopped: " + Faults.inWords(e));
        }
        return platform;
    }

    /**
     * Starts every process of a platform that was claimed.
     *
     * @throws StartException as above
     */
    public void start() throws StartException {
        try {
            startAll();
        } catch (StartException e) {
            close();
            throw e;
        } catch (IOException e) {
            close();
            throw new StartException("the platform cannot start: " + Faults.inWords(e));
        }
    }

    private void stopLeftovers() throws IOException {
        List<String> left = new ArrayList<>(Leftovers.stop(plan.data()));
        if (EmbeddedPostgres.stopLeftBehind(plan.data().resolve("postgres"))) {
            left.add("PostgreSQL");
        }
        if (!left.isEmpty()) {
            say.accept("  stopped what a killed launcher had left behind: " + String.join(", ", left));
        }
    }

    public Plan plan() {
        return plan;
    }

    /**
     * A process by its name: broker, alarm-job, archive-job, cloud-api or edge-agent; on a cluster also job-manager,
     * task-manager-1 and task-manager-2.
     */
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
        return database.server();
    }

    /** Stops the embedded database until {@link #startPostgres}. */
    public void stopPostgres() throws IOException {
        database.stop();
    }

    /** Starts the embedded database on the data it has, and again whenever it ends by itself. */
    public void startPostgres() throws IOException {
        database.start();
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
        plan.ports().requireFree(plan.broker() == null, plan.database() == null);
        if (plan.database() == null) {
            step("PostgreSQL", this::startPostgres);
        }
        Processes processes = new Processes(plan, credentials, brokerUrl(), postgres());
        if (plan.broker() == null) {
            // Later on the API renews what is there.
            if (!Files.exists(plan.data().resolve("identities/server.pem"))) {
                once("authority", child("identities", processes.identities()));
            }
            run(List.of(child(BROKER, processes.broker())));
        }
        once("sessions and schema", child("provision", processes.provision()));
        List<Child> together = new ArrayList<>(jobs(processes, plan.ports().jobs()));
        together.add(child("cloud-api", processes.cloudApi()));
        run(together);
        run(List.of(child("edge-agent", processes.edgeAgent())));
    }

    private List<Child> jobs(Processes processes, JobPorts ports) throws IOException {
        if (ports instanceof JobPorts.Apart apart) {
            return List.of(
                    child("alarm-job", processes.alarmJob(apart)), child("archive-job", processes.archiveJob(apart)));
        }
        JobPorts.Cluster own = (JobPorts.Cluster) ports;
        FlinkCluster cluster = new FlinkCluster(plan.layout(), plan.data(), own);
        cluster.prepare();
        List<Child> jobs = new ArrayList<>();
        jobs.add(listener(JOB_MANAGER, cluster.jobManager(), own.rest()));
        for (int i = 0; i < JobPorts.Cluster.TASK_MANAGERS; i++) {
            jobs.add(listener(TASK_MANAGER + (i + 1), cluster.taskManager(i), own.taskManagerData(i)));
        }
        jobs.add(child("alarm-job", processes.alarmJob(cluster)));
        jobs.add(child("archive-job", processes.archiveJob(cluster)));
        return jobs;
    }

    private Child child(String name, List<String> command) throws IOException {
        return new Child(name, command, plan.data(), READY_WITHIN);
    }

    /** A process that is not ours and says nothing of its readiness. */
    private Child listener(String name, List<String> command, int port) throws IOException {
        return new Child(name, command, plan.data(), READY_WITHIN, port);
    }

    private void run(List<Child> together) throws StartException {
        List<Thread> starts = new ArrayList<>();
        List<StartException> failures = java.util.Collections.synchronizedList(new ArrayList<>());
        for (Child child : together) {
            children.put(child.name(), child);
            launching(child);
            Thread start = new Thread(
                    () -> {
                        try {
                            step(child.name(), child::start);
                            // At once: another of them may need it, and wait for as long as it is away.
                            child.supervise(watching());
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
    }

    private void once(String what, Child child) throws StartException, IOException {
        launching(child);
        step(what, child::start);
        Child.stop(List.of(child), STOP_GRACE);
    }

    private void launching(Child child) throws StartException {
        synchronized (launched) {
            if (closing) {
                throw new StartException("stopped while starting");
            }
            launched.add(child);
        }
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

            @Override
            public void notBack(String name, String why) {
                say.accept(name + " did not come back and is tried again: " + why);
            }
        };
    }

    /** Stops everything: what uses the broker and the database first, all at once, then these. */
    @Override
    public void close() {
        synchronized (launched) {
            closing = true;
        }
        stopAll();
    }

    private synchronized void stopAll() {
        if (stopped) {
            return;
        }
        stopped = true;
        Child.stop(
                launched.stream().filter(child -> !child.name().equals(BROKER)).toList(), STOP_GRACE);
        Child.stop(
                launched.stream().filter(child -> child.name().equals(BROKER)).toList(), BROKER_GRACE);
        try {
            database.close(DATABASE_GRACE, DATABASE_AT_ONCE);
        } catch (IOException e) {
            say.accept("PostgreSQL did not stop cleanly, it will recover at its next start: " + e.getMessage());
        }
        try {
            folder.close();
        } catch (IOException e) {
            say.accept("the data folder stays locked until this process ends: " + e.getMessage());
        }
        say.accept("Stopped.");
    }
}
