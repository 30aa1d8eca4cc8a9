package dev.tocsin.agent;

import dev.tocsin.agent.acquire.CoapIntake;
import dev.tocsin.agent.acquire.FieldBroker;
import dev.tocsin.agent.acquire.FieldBrokers;
import dev.tocsin.agent.acquire.Intake;
import dev.tocsin.agent.desired.Registry;
import dev.tocsin.agent.judge.ClockWatch;
import dev.tocsin.agent.judge.EdgeJudge;
import dev.tocsin.agent.link.FieldLinks;
import dev.tocsin.agent.link.LinkHealth;
import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.agent.observe.Heartbeat;
import dev.tocsin.agent.observe.LocalHttp;
import dev.tocsin.agent.observe.SpoolGauges;
import dev.tocsin.agent.spool.Keep;
import dev.tocsin.agent.spool.Spool;
import dev.tocsin.agent.spool.SpoolException;
import dev.tocsin.agent.spool.SpoolStatus;
import dev.tocsin.agent.uplink.Uplink;
import dev.tocsin.profiles.config.Settings;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.profile.ProfileCatalog;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gateway process, put together from its parts in the order of the data. */
public final class EdgeAgent implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EdgeAgent.class);
    /** A clock before this was never set: a gateway without a battery begins in 1970. */
    private static final long CLOCK_SET_AFTER_MS =
            Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();

    private static final String VERSION = "0.1.0";
    /** At its very first start an agent knows no device: the sensors' broker holds their messages for so long. */
    private static final Duration FIRST_STATE_PATIENCE = Duration.ofSeconds(10);

    private final AgentConfig config;
    private final AgentMetrics metrics = new AgentMetrics();
    private final Spool spool;
    private final Registry registry;
    private final EdgeJudge judge;
    private final FieldBrokers mqtt;
    private final CoapIntake coap;
    private final Uplink uplink;
    private final Heartbeat heartbeat;
    private final LocalHttp http;

    EdgeAgent(AgentConfig config, Clock clock) throws IOException {
        this.config = config;
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
                links::state);
        registry = new Registry(config.gateway(), config.enrolment(), ProfileCatalog.builtIn(), clock, clockKnown);
        spool.kept(Registry.KIND_STATE).forEach(this::applyKept);
        judge = new EdgeJudge(config.gateway(), registry, memory(), clock, monotonicMs, links.upSinceMs());
        ClockWatch clockWatch = new ClockWatch(clock, monotonicMs, clockKnown);
        judge.watchOver(spool::status, clockWatch);
        Intake intake = new Intake(config.gateway(), registry, judge, spool, metrics, clock);
        mqtt = new FieldBrokers(config.field(), config.gateway(), intake, links, monotonicMs, metrics);
        coap = new CoapIntake(config.coap(), intake);
        uplink = new Uplink(
                config.brokers(),
                config.gateway(),
                VERSION,
                config.shards(),
                spool,
                registry::version,
                this::applyDesired,
                clock,
                clockKnown,
                monotonicMs,
                metrics);
        heartbeat = new Heartbeat(config.gateway(), spool, judge, clock);
        http = new LocalHttp(config.http(), metrics, this::health);
        SpoolGauges.register(metrics, spool, config.spool(), uplink::oldestAgeMs, clockWatch);
        gauges();
    }

    /** Starts everything; what needs a broker goes on trying. */
    void start() throws InterruptedException {
        spool.start(
                commit -> {
                    metrics.committed(commit);
                    uplink.committed(commit);
                },
                this::recall);
        uplink.start();
        if (config.enrolment() == Enrolment.CLOSED && !registry.awaitFirstState(FIRST_STATE_PATIENCE)) {
            LOG.warn("no registry yet: what sensors send is kept as rejected until the cloud has said who they are");
        }
        try {
            coap.start();
        } catch (IllegalStateException e) {
            throw new IllegalStateException("CoAP cannot listen on " + config.coap() + ": " + e.getMessage(), e);
        }
        mqtt.start();
        heartbeat.start();
        http.start();
    }

    String ready() {
        return "READY edge-agent gateway=" + config.gateway() + " coap=" + coap.port() + " http=" + http.port()
                + " spool=" + spool.path();
    }

    private EdgeJudge.Memory memory() {
        return new EdgeJudge.Memory(
                spool.kept(EdgeJudge.KIND_ALERT), spool.kept(EdgeJudge.KIND_STATE), spool.kept(EdgeJudge.KIND_HEARD));
    }

    /** The disk could be read at last. */
    private void recall() {
        spool.kept(Registry.KIND_STATE).forEach(this::applyKept);
        judge.recall(memory());
    }

    private void applyKept(String topic, byte[] payload) {
        try {
            registry.apply(topic, payload);
        } catch (IllegalArgumentException e) {
            metrics.desiredStateRefused();
            LOG.error("the kept state {} cannot be read any more: {}", topic, e.getMessage());
        }
    }

    private void applyDesired(String topic, byte[] payload) {
        try {
            if (!registry.apply(topic, payload)) {
                return;
            }
            byte[] kept = registry.isOver(topic) ? null : payload;
            if (!spool.submit(new Keep(Registry.KIND_STATE, topic, kept), AgentConfig.PATIENCE)) {
                LOG.warn("the state {} is in force, but the spool had no room to keep it", topic);
            }
        } catch (IllegalArgumentException e) {
            metrics.desiredStateRefused();
            LOG.error("the state {} is refused, the last good one stays in force: {}", topic, e.getMessage());
        }
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
        parts.put("uplink", LinkHealth.of(uplink.connected(), uplink.refused()));
        parts.put("uplinkBroker", uplink.brokerConnected());
        parts.putAll(mqtt.health());
        parts.put("registryVersion", registry.version());
        parts.put("ruleSets", registry.ruleSets());
        // Without its brokers the agent does what it is there for: it keeps what reaches it.
        return new LocalHttp.Health(status.fault() == null, parts);
    }

    /** Takes nothing more, says goodbye to the cloud, and closes the spool last. */
    @Override
    public void close() {
        heartbeat.close();
        coap.close();
        mqtt.close();
        uplink.close();
        spool.close();
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
            LOG.error("thread {} died, the agent ends", thread.getName(), cause);
            Runtime.getRuntime().halt(1);
        });
        try {
            EdgeAgent agent = new EdgeAgent(config, Clock.systemUTC());
            agent.start();
            Runtime.getRuntime().addShutdownHook(new Thread(agent::close, "stop"));
            System.out.println(agent.ready());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (SpoolException | IOException | IllegalStateException e) {
            System.err.println("edge-agent: cannot start: " + e.getMessage());
            System.exit(1);
        }
    }
}
