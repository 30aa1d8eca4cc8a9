package dev.tocsin.cloud.river;

import dev.tocsin.cloud.broker.BrokerSession;
import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.devices.Presences;
import dev.tocsin.cloud.devices.Registry;
import dev.tocsin.cloud.http.ApiException;
import dev.tocsin.cloud.http.Routes;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayStatus;
import dev.tocsin.profiles.desired.Pulse;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Gathers the evidence. Safe for any thread. */
public final class RiverWatch implements BrokerSession.Listener, Presences {
    /**
     * The strip says within 15 s that the river is dead: the verdict travels with the beat, every 2 s, and the rest is
     * left for the way to the screen.
     */
    public static final Duration DEAD_AFTER = Duration.ofSeconds(12);

    private static final Logger LOG = LoggerFactory.getLogger(RiverWatch.class);
    private static final int MAX_GATEWAYS = 10_000;
    private static final String NEWEST_ARCHIVED_PULSE = """
            select max(l.observed_at) from sensing.last_value l join sensing.series s on s.id = l.series
            where s.metric = :metric and s.profile = :profile
            """;

    private final Registry registry;
    private final Database database;
    private final Clock clock;
    private final Counter refused;
    private final Map<String, GatewayStatus> statuses = new ConcurrentHashMap<>();
    private final Map<String, Instant> pulses = new ConcurrentHashMap<>();
    private volatile Instant watchingSince;
    private volatile @Nullable Instant archivedPulse;
    private volatile @Nullable BrokerSession session;

    public RiverWatch(Registry registry, Database database, Clock clock, MeterRegistry metrics) {
        this.registry = registry;
        this.database = database;
        this.clock = clock;
        this.watchingSince = clock.instant();
        this.refused = metrics.counter("tocsin.river.refused");
    }

    /** The session that this listens to; its connection stands for the broker. */
    public void watch(BrokerSession own) {
        session = own;
    }

    public void addTo(Routes routes) {
        routes.inline("getRiver", call -> now());
        routes.inline("health", call -> health());
    }

    @Override
    public void connected() {
        watchingSince = clock.instant();
    }

    @Override
    public void arrived(String topic, byte[] payload, Runnable acknowledge) {
        try {
            if (topic.endsWith("/" + Lane.STATUS.topicLevel())) {
                GatewayStatus status = DesiredJson.read(payload, GatewayStatus.class);
                String gateway = Topics.parseUp(topic).gateway();
                if (!gateway.equals(status.gateway())) {
                    throw new IllegalArgumentException("it names another gateway: " + status.gateway());
                }
                put(statuses, gateway, status);
            } else {
                Pulse pulse = DesiredJson.read(payload, Pulse.class);
                if (pulse.gateway() == null || !topic.equals(Topics.pulse(pulse.gateway()))) {
                    throw new IllegalArgumentException("it names another gateway: " + pulse.gateway());
                }
                put(pulses, pulse.gateway(), clock.instant());
            }
        } catch (IllegalArgumentException e) {
            refused.increment();
            LOG.warn("refused on {}: {}", topic, e.getMessage());
        }
        acknowledge.run();
    }

    /** Asks the store for its newest pulse; for a worker, every 2 s. */
    public void readArchivedPulse() {
        try {
            archivedPulse = database.read(handle -> handle.createQuery(NEWEST_ARCHIVED_PULSE)
                    .bind("metric", Pulse.METRIC)
                    .bind("profile", Pulse.PROFILE)
                    .map((row, context) -> {
                        OffsetDateTime at = row.getObject(1, OffsetDateTime.class);
                        return at == null ? Instant.EPOCH : at.toInstant();
                    })
                    .one());
        } catch (ApiException e) {
            // The database's own state says it; the last answer stands until it is back.
            LOG.debug("the database is away", e);
        }
    }

    /** The verdict at this moment. */
    public River now() {
        BrokerSession own = session;
        Instant archived = archivedPulse;
        return Verdict.of(new Evidence(
                clock.instant(),
                watchingSince,
                own != null && own.isConnected(),
                own == null ? null : own.lastConnected(),
                database.available(),
                database.lastSeen(),
                new TreeSet<>(registry.image().gateways().keySet()),
                Map.copyOf(statuses),
                Map.copyOf(pulses),
                archived == null || archived.equals(Instant.EPOCH) ? null : archived));
    }

    @Override
    public @Nullable GatewayStatus statusOf(String gateway) {
        return statuses.get(gateway);
    }

    @Override
    public @Nullable Instant lastPulseOf(String gateway) {
        return pulses.get(gateway);
    }

    private Map<String, Object> health() {
        River river = now();
        Map<String, String> parts = new LinkedHashMap<>();
        river.parts().forEach(part -> parts.put(part.part(), part.state().json()));
        return Map.of("status", river.state() == River.State.OK ? "ok" : "degraded", "parts", parts);
    }

    private <T> void put(Map<String, T> map, String gateway, T value) {
        if (map.containsKey(gateway) || map.size() < MAX_GATEWAYS) {
            map.put(gateway, value);
        } else {
            refused.increment();
        }
    }
}
