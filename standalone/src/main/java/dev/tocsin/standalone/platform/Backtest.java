package dev.tocsin.standalone.platform;

import dev.tocsin.standalone.broker.access.Credentials;
import dev.tocsin.standalone.database.DatabaseRole;
import dev.tocsin.standalone.database.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Runs the backtest job on what a platform keeps. A platform that runs is asked while it runs, also one whose launcher
 * was killed. Of one that is stopped, database and broker are started for the time being, on free ports, so that no
 * device finds them. For one thread, but for {@link #close}, which a shutdown hook calls at any time.
 */
public final class Backtest implements AutoCloseable {
    private static final Duration READY_WITHIN = Duration.ofSeconds(90);
    private static final Duration GRACE = Duration.ofSeconds(4);
    private static final int HEAP_MB = 1024;
    /** It runs for minutes and is done: both compilers earn their keep. */
    private static final List<String> FLAGS = List.of("-XX:+UseSerialGC");

    private final Plan plan;
    private final Consumer<String> say;
    /** Whatever was started for this alone, in that order; guarded by itself, as {@code closing} is for writes. */
    private final List<AutoCloseable> started = new ArrayList<>();

    private volatile boolean closing;

    private Backtest(Plan plan, Consumer<String> say) {
        this.plan = plan;
        this.say = say;
    }

    /**
     * Runs it to its end; what the job prints goes to this process's own output.
     *
     * @param plan its data folder need not be there where the database is somebody else's; its ports are those of the
     *     platform that runs
     * @param question arguments of the job
     * @param say told one line for each step
     * @return the job's exit code
     * @throws StartException when there is no archive, or it cannot be had
     */
    public static int run(Plan plan, List<String> question, Consumer<String> say)
            throws StartException, InterruptedException {
        plan.layout().requireBuilt();
        try (Backtest backtest = new Backtest(plan, say)) {
            Thread stop = new Thread(backtest::close, "stop-backtest");
            Runtime.getRuntime().addShutdownHook(stop);
            List<String> arguments = new ArrayList<>(question);
            arguments.addAll(backtest.sources());
            return backtest.job(arguments);
        } catch (IOException e) {
            throw new StartException("the backtest cannot run: " + Faults.inWords(e));
        }
    }

    /** Where the job finds the archive and the rules as they are. */
    private List<String> sources() throws StartException, IOException {
        Path postgres = plan.data().resolve("postgres");
        boolean folder = Files.isDirectory(plan.data().resolve("credentials"));
        if (plan.database() == null && !EmbeddedPostgres.isIn(postgres)) {
            throw new StartException(plan.data() + " holds no archive; name the data folder of a platform with"
                    + " --data DIR, or its database with --database-url");
        }
        boolean own = plan.database() == null || plan.broker() == null;
        boolean running = EmbeddedPostgres.isServing(postgres) || DataFolder.isHeld(plan.data());
        if (own && folder && !running) {
            return ofStopped(postgres);
        }
        List<String> arguments = new ArrayList<>(database(
                EmbeddedPostgres.jdbcUrl(plan.ports().postgres()),
                EmbeddedPostgres.passwordFile(postgres, DatabaseRole.STREAM)));
        if (plan.broker() == null && !folder) {
            say.accept("There is neither a data folder " + plan.data() + " nor a --broker-url: the built-in profiles"
                    + " alone, without the site's rule sets and places.");
            arguments.add("--site.from-broker=false");
        } else {
            arguments.addAll(broker(plan.ports().mqtt()));
        }
        return arguments;
    }

    private List<String> ofStopped(Path postgres) throws StartException, IOException {
        keep(DataFolder.openToLook(plan.data()));
        List<String> arguments = new ArrayList<>();
        if (plan.database() == null) {
            say.accept("The platform of " + plan.data() + " is stopped; its database is started for this.");
            EmbeddedPostgres server = EmbeddedPostgres.start(postgres, 0, () -> closing);
            keep(server);
            arguments.addAll(database(server.jdbcUrl(), server.passwordFile(DatabaseRole.STREAM)));
        } else {
            arguments.addAll(database("", Path.of("")));
        }
        Ports free = Ports.free();
        if (plan.broker() == null) {
            Plan quiet = Plan.embedded(plan.layout(), plan.data(), free);
            Processes processes = new Processes(quiet, credentials(), "", null);
            Child broker = new Child(Platform.BROKER, processes.brokerForNobody(), plan.data(), READY_WITHIN);
            keep(() -> Child.stop(List.of(broker), GRACE));
            broker.start();
        }
        arguments.addAll(broker(free.mqtt()));
        return arguments;
    }

    private Credentials credentials() throws IOException {
        return Credentials.open(plan.data().resolve("credentials"));
    }

    private List<String> database(String ownUrl, Path ownPasswordFile) {
        Plan.External database = plan.database();
        if (database == null) {
            database = new Plan.External(ownUrl, DatabaseRole.STREAM.user(), ownPasswordFile);
        }
        return List.of(
                "--database.url=" + database.url(),
                "--database.user=" + database.user(),
                "--database.password-file=" + database.passwordFile());
    }

    private List<String> broker(int ownPort) throws IOException {
        Plan.External broker = plan.broker();
        if (broker == null) {
            broker = new Plan.External(
                    "tcp://127.0.0.1:" + ownPort,
                    Platform.PLATFORM_USER,
                    credentials().passwordFile(Platform.PLATFORM_USER));
        }
        return List.of(
                "--broker.url=" + broker.url(),
                "--broker.user=" + broker.user(),
                "--broker.password-file=" + broker.passwordFile());
    }

    private int job(List<String> arguments) throws StartException, IOException, InterruptedException {
        Process job = new ProcessBuilder(plan.layout()
                        .java(
                                "stream-processor",
                                "flink-lib",
                                "dev.tocsin.stream.BacktestJob",
                                HEAP_MB,
                                FLAGS,
                                arguments))
                .inheritIO()
                .start();
        keep(() -> Ending.of(List.of(job.toHandle()), GRACE));
        return job.waitFor();
    }

    private void keep(AutoCloseable resource) throws StartException {
        synchronized (started) {
            started.add(resource);
            if (closing) {
                throw new StartException("stopped while starting");
            }
        }
    }

    /** Ends what was started for this, the last first. */
    @Override
    public void close() {
        closing = true;
        synchronized (started) {
            for (int i = started.size() - 1; i >= 0; i--) {
                try {
                    started.get(i).close();
                } catch (Exception e) {
                    say.accept("not cleanly stopped: " + e.getMessage());
                }
            }
            started.clear();
        }
    }
}
