package dev.tocsin.agent;

import dev.tocsin.agent.acquire.Allowance;
import dev.tocsin.agent.acquire.FieldBroker;
import dev.tocsin.agent.acquire.FieldBrokers;
import dev.tocsin.agent.acquire.Intake;
import dev.tocsin.agent.coap.CoapIntake;
import dev.tocsin.agent.command.Actions;
import dev.tocsin.agent.command.CommandDesk;
import dev.tocsin.agent.desired.DesiredStates;
import dev.tocsin.agent.desired.Registry;
import dev.tocsin.agent.identity.IdentityKeeper;
import dev.tocsin.agent.judge.ClockWatch;
import dev.tocsin.agent.judge.EdgeJudge;
import dev.tocsin.agent.link.ClientThreads;
import dev.tocsin.agent.link.FieldLink;
import dev.tocsin.agent.link.FieldLinks;
import dev.tocsin.agent.link.LinkHealth;
import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.agent.observe.Heartbeat;
import dev.tocsin.agent.observe.LocalHttp;
import dev.tocsin.agent.observe.LogControl;
import dev.tocsin.agent.observe.Secrets;
import dev.tocsin.agent.observe.SpoolGauges;
import dev.tocsin.agent.observe.Watchdog;
import dev.tocsin.agent.output.Outputs;
import dev.tocsin.agent.spool.Spool;
import dev.tocsin.agent.spool.SpoolException;
import dev.tocsin.agent.spool.SpoolStatus;
import dev.tocsin.agent.update.Updater;
import dev.tocsin.agent.uplink.Uplink;
import dev.tocsin.profiles.bundle.BundleException;
import dev.tocsin.profiles.config.Settings;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.desired.GatewayStatus;
import dev.tocsin.profiles.desired.UpdateProgress;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.wire.Topics;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gateway process, put together from its parts in the order of the data. */
public final class EdgeAgent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EdgeAgent.class);
    /** A clock before this was never set: a gateway without a battery begins in 1970. */
    private static final long CLOCK_SET_AFTER_MS =
            Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();

    /** Exit code of an agent that was asked to end and be started again. */
    private static final int RESTART = 75;

    /** At its very first start an agent knows no device: the sensors' broker holds their messages for so long. */
    private static final Duration FIRST_STATE_PATIENCE = Duration.ofSeconds(10);

    private final AgentConfig config;
    private final AgentMetrics metrics = new AgentMetrics();
    private final Spool spool;
    private final Registry registry;
    private final EdgeJudge judge;
    private final FieldBrokers mqtt;
    private final CoapIntake coap;
    private final IdentityKeeper identity;
    private final Uplink uplink;
    private final Heartbeat heartbeat;
    private final LocalHttp http;
    private final Updater.Here here;
    private final Updater updater;
    private final Watchdog watchdog = new Watchdog(System.getenv());
    private final LogControl log = new LogControl();
    private final DesiredStates states;
    private final Outputs outputs;
    private final CommandDesk commands;
    private volatile Runnable restart = () -> {};

    EdgeAgent(AgentConfig config, Clock clock) throws IOException, BundleException {
        this.config = config;
        // A third of the start is reading these: on a second core it costs no time.
        CompletableFuture<ProfileCatalog> profiles = CompletableFuture.supplyAsync(ProfileCatalog::builtIn);
        here = Updater.Here.of(config.gateway());
        updater = new Updater(here, config.update(), config.data(), () -> System.exit(Updater.SWITCH));
        BooleanSupplier clockKnown = () -> clock.millis() > CLOCK_SET_AFTER_MS;
        LongSupplier monotonicMs = () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
        FieldLinks links =
                new FieldLinks(config.field().stream().map(FieldBroker::name).toList());
        spool = new Spool(
                config.data().resolve("spool.db"),
                config.spool(),
                Intake.RECEIVE_MAXIMUM,
                clock,
                monotonicMs,
                links::state,
                watchdog::busy);
        registry = new Registry(
                config.gateway(),
                config.enrolment(),
                profiles.join(),
                config.outputs().own(),
                clock,
                clockKnown);
        states = new DesiredStates(
                registry, spool, metrics, config.trial(), LastError.takeCrash(config.data()), clock, monotonicMs);
        judge = new EdgeJudge(config.gateway(), registry, memory(), clock, monotonicMs, links.upSinceMs());
        ClockWatch clockWatch = new ClockWatch(clock, monotonicMs, clockKnown);
        judge.watchOver(spool::status, clockWatch);
        outputs = GatewayOutputs.of(config, spool, judge, registry, metrics, clock, monotonicMs);
        Allowance allowance = new Allowance(config.rate(), registry, metrics, monotonicMs);
        Intake intake = new Intake(config.gateway(), registry, judge, spool, metrics, allowance, clock);
        mqtt = new FieldBrokers(config.field(), config.gateway(), intake, links, monotonicMs, metrics);
        coap = new CoapIntake(config.coap(), intake, registry, metrics, clock);
        identity = new IdentityKeeper(config.identity(), config.gateway(), clock, clockKnown, metrics);
        uplink = new Uplink(
                config.brokers(),
                config.gateway(),
                here.release().version(),
                config.shards(),
                spool,
                new Told(registry, states, updater),
                this::arrived,
                clock,
                clockKnown,
                monotonicMs,
                metrics);
        heartbeat = new Heartbeat(config.gateway(), spool, judge, clock);
        http = new LocalHttp(config.http(), metrics, this::health);
        commands = Actions.desk(
                new Actions.Parts(
                        spool,
                        judge,
                        registry,
                        outputs,
                        log,
                        metrics,
                        new Secrets(config.allBrokers()),
                        config.shown(),
                        () -> health().parts(),
                        uplink::connected,
                        () -> links.all().stream().allMatch(FieldLink::up),
                        clockKnown,
                        clock),
                () -> restart.run(),
                monotonicMs);
        registry.onChange(() -> log.usual(registry.settings().logLevel()));
        log.usual(registry.settings().logLevel());
        gauges();
        SpoolGauges.register(metrics, spool, config.spool(), uplink::oldestAgeMs, clockWatch);
        updater.gaugesTo(metrics);
    }

    /** What a command of restart does once it is answered; whoever supervises the process starts it again. */
    void onRestart(Runnable whenAsked) {
        restart = whenAsked;
    }

    private void arrived(String topic, byte[] payload, @Nullable Long expirySeconds) {
        if (topic.equals(Topics.command(config.gateway()))) {
            commands.received(payload, expirySeconds);
        } else if (Topics.isUpdateState(topic)) {
            ordered(topic, payload);
        } else {
            states.received(topic, payload);
        }
    }

    private void ordered(String topic, byte[] payload) {
        try {
            updater.order(topic, payload);
        } catch (IllegalArgumentException e) {
            metrics.desiredStateRefused();
            LOG.error("the order {} is refused: {}", topic, e.getMessage());
        }
    }

    /** What the uplink tells the cloud. */
    private record Told(Registry registry, DesiredStates states, Updater updater) implements Uplink.Running {
        @Override
        public long changes() {
            return states.changes();
        }

        @Override
        public long registryVersion() {
            return registry.version();
        }

        @Override
        public GatewayStatus.Running versions() {
            return states.running();
        }

        @Override
        public List<GatewayStatus.Refused> refused() {
            return states.refused();
        }

        @Override
        public @Nullable UpdateProgress update() {
            return updater.progress();
        }
    }

    /** Starts everything; what needs a broker goes on trying. */
    void start() throws InterruptedException {
        spool.start(
                commit -> {
                    metrics.committed(commit);
                    uplink.committed(commit);
                },
                this::recall);
        identity.start();
        // An alarm that stands from before must not wait for anything.
        outputs.start();
        states.start();
        commands.start();
        uplink.start();
        if (config.enrolment() == Enrolment.CLOSED && !registry.awaitFirstState(FIRST_STATE_PATIENCE)) {
            LOG.warn("no registry yet: what sensors send is kept as rejected until the cloud has said who they are");
        }
        coap.start();
        mqtt.start();
        heartbeat.start();
        http.start();
        updater.start();
        watchdog.start(http.port());
    }

    String ready() {
        return "READY edge-agent gateway=" + config.gateway() + " coap=" + coap.port() + " coaps=" + coap.securePort()
                + " http=" + http.port()
                + " spool=" + spool.path();
    }

    private EdgeJudge.Memory memory() {
        return new EdgeJudge.Memory(
                spool.kept(EdgeJudge.KIND_ALERT), spool.kept(EdgeJudge.KIND_STATE), spool.kept(EdgeJudge.KIND_HEARD));
    }

    /** The disk could be read at last. */
    private void recall() {
        states.recall();
        judge.recall(memory());
        GatewayOutputs.recall(spool, judge, outputs);
        commands.recall();
    }

    private void gauges() {
        metrics.gauge("open.alerts", "Alerts that this agent holds", judge::openAlerts);
        metrics.gauge(
                "unreadable.records",
                "Kept by an earlier run, could not be read and were dropped",
                judge::unreadableRecords);
        metrics.gauge("registry.version", "Of the gateway's state", registry::version);
        metrics.gauge(
                "rule.sets", "Rule sets in force", () -> registry.ruleSets().size());
        metrics.gauge(
                "rule.sets.newest.version",
                "Of the rule sets in force, 0 without any",
                () -> registry.ruleSets().values().stream()
                        .max(Integer::compare)
                        .orElse(0));
    }

    private LocalHttp.Health health() {
        SpoolStatus status = spool.status();
        Map<String, Object> parts = new LinkedHashMap<>(SpoolGauges.health(status));
        parts.put("gateway", config.gateway());
        parts.put("version", here.release().version());
        parts.put("spoolBlocks", status.blocks());
        parts.put("spoolAlerts", status.alerts());
        parts.put("spoolOldestAgeMs", uplink.oldestAgeMs());
        parts.put("uplink", LinkHealth.of(uplink.connected(), uplink.refused()));
        parts.put("uplinkBroker", uplink.brokerConnected());
        parts.put("identity", identity.state());
        parts.putAll(mqtt.health());
        parts.put("registryVersion", registry.version());
        parts.put("ruleSets", registry.ruleSets());
        parts.put("outputs", outputs.states());
        // Without its brokers the agent does what it is there for: it keeps what reaches it.
        return new LocalHttp.Health(status.fault() == null, parts);
    }

    /** Takes nothing more, says goodbye to the cloud, and closes the spool last. */
    @Override
    public void close() {
        watchdog.close();
        updater.close();
        heartbeat.close();
        commands.close();
        coap.close();
        mqtt.close();
        identity.close();
        states.close();
        outputs.close();
        uplink.close();
        spool.close();
        log.close();
        http.close();
    }

    public static void main(String[] arguments) {
        AgentConfig config;
        try {
            config = AgentConfig.from(new Settings(arguments, System.getenv()));
        } catch (Settings.InvalidException | IllegalArgumentException e) {
            System.err.println("edge-agent: " + e.getMessage());
            System.exit(2);
            return;
        }
        // A part that died silently would look like silence in the field: the whole process ends, and is started again.
        Thread.setDefaultUncaughtExceptionHandler((thread, cause) -> {
            if (ClientThreads.isLossOfConnection(thread, cause)) {
                LOG.error("thread {} of the MQTT client died: its connection is lost", thread.getName(), cause);
                return;
            }
            LOG.error("thread {} died, the agent ends", thread.getName(), cause);
            LastError.crashed(config.data(), thread.getName(), cause);
            Runtime.getRuntime().halt(1);
        });
        try {
            EdgeAgent agent = new EdgeAgent(config, Clock.systemUTC());
            agent.onRestart(() -> new Thread(() -> System.exit(RESTART), "restart").start());
            agent.start();
            Runtime.getRuntime().addShutdownHook(new Thread(agent::close, "stop"));
            System.out.println(agent.ready());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SpoolException | IOException | BundleException | IllegalStateException e) {
            System.err.println("edge-agent: cannot start: " + e.getMessage());
            LastError.couldNotStart(config.data(), String.valueOf(e.getMessage()));
            System.exit(1);
        }
    }
}
