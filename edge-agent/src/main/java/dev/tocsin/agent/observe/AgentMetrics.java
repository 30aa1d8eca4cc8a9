package dev.tocsin.agent.observe;

import dev.tocsin.agent.spool.Spool;
import dev.tocsin.profiles.codec.Incoming.Transport;
import dev.tocsin.profiles.reading.Rejected;
import dev.tocsin.profiles.wire.MendedPublications;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Every number that the agent counts, by the names that Prometheus sees. Safe for any thread. */
public final class AgentMetrics {
    private static final String BROKER = "broker";

    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Map<Transport, Counter> received = new EnumMap<>(Transport.class);
    private final Map<Transport, Counter> accepted = new EnumMap<>(Transport.class);
    private final Map<Transport, Counter> acknowledged = new EnumMap<>(Transport.class);
    private final Map<Transport, Counter> passed = new EnumMap<>(Transport.class);
    private final Map<Transport, Counter> turnedAway = new EnumMap<>(Transport.class);
    private final Feed feed = new Feed();
    private final Counter redelivered;
    private final Counter resent;
    private final Counter badState;
    private final Timer commit;

    public AgentMetrics() {
        for (Transport transport : Transport.values()) {
            received.put(transport, counter("tocsin.agent.received.messages", transport));
            accepted.put(transport, counter("tocsin.agent.accepted.readings", transport));
            acknowledged.put(transport, counter("tocsin.agent.acknowledged.messages", transport));
            passed.put(transport, counter("tocsin.agent.passed.messages", transport));
            turnedAway.put(transport, counter("tocsin.agent.turned.away.messages", transport));
        }
        redelivered = registry.counter("tocsin.agent.absorbed", "kind", "redelivered-message");
        resent = registry.counter("tocsin.agent.absorbed", "kind", "resent-reading");
        badState = registry.counter("tocsin.agent.desired.state.refused");
        FunctionCounter.builder("tocsin.agent.mended.messages", registry, r -> MendedPublications.count())
                .description("Messages of brokers that the MQTT client could not have read")
                .register(registry);
        commit = Timer.builder("tocsin.agent.commit")
                .serviceLevelObjectives(
                        Duration.ofMillis(1), Duration.ofMillis(5), Duration.ofMillis(20), Duration.ofMillis(100))
                .register(registry);
    }

    private Counter counter(String name, Transport transport) {
        return registry.counter(name, "protocol", transport.name().toLowerCase(Locale.ROOT));
    }

    /** What came in, one by one, for whoever looks. */
    public Feed feed() {
        return feed;
    }

    public void received(Transport transport) {
        of(received, transport).increment();
    }

    public void accepted(Transport transport, int readings) {
        of(accepted, transport).increment(readings);
    }

    /** On disk, and its sender told so. */
    public void acknowledged(Transport transport) {
        of(acknowledged, transport).increment();
    }

    /** Judged, and not stored, because the disk took nothing. */
    public void passed(Transport transport) {
        of(passed, transport).increment();
    }

    public void turnedAway(Transport transport) {
        of(turnedAway, transport).increment();
    }

    private static Counter of(Map<Transport, Counter> counters, Transport transport) {
        Counter counter = counters.get(transport);
        if (counter == null) {
            throw new IllegalStateException("no counter for " + transport);
        }
        return counter;
    }

    public void rejected(Transport transport, Rejected.Reason reason) {
        registry.counter(
                        "tocsin.agent.rejected.messages",
                        "protocol",
                        transport.name().toLowerCase(Locale.ROOT),
                        "reason",
                        reason.name().toLowerCase(Locale.ROOT))
                .increment();
    }

    public void committed(Spool.Commit done) {
        if (done.nanos() > 0) {
            commit.record(done.nanos(), TimeUnit.NANOSECONDS);
        }
        redelivered.increment(done.redelivered());
        resent.increment(done.resent());
    }

    public void desiredStateRefused() {
        badState.increment();
    }

    /** One more counter, served from now on; {@code tags} are names and values by turns. */
    public Counter counter(String name, String description, String... tags) {
        return Counter.builder("tocsin.agent." + name)
                .description(description)
                .tags(tags)
                .register(registry);
    }

    /** A number that is asked for when somebody looks. */
    public void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder("tocsin.agent." + name, value).description(description).register(registry);
    }

    /** The same for one of several brokers, by which it is told from the others. */
    public void gauge(String name, String description, String broker, Supplier<Number> value) {
        Gauge.builder("tocsin.agent." + name, value)
                .description(description)
                .tag(BROKER, broker)
                .register(registry);
    }

    /** Something that happens with one of several brokers. */
    public Counter counter(String name, String description, String broker) {
        return Counter.builder("tocsin.agent." + name)
                .description(description)
                .tag(BROKER, broker)
                .register(registry);
    }

    /** Something that happens now and then, of the kind that the label's value says. */
    public Counter labelled(String name, String label, String value) {
        return registry.counter("tocsin.agent." + name, label, value);
    }

    public String scrape() {
        return registry.scrape();
    }
}
