package dev.tocsin.agent.uplink;

import dev.tocsin.agent.link.BrokerAddress;
import dev.tocsin.agent.link.Turn;
import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.agent.spool.Spool;
import dev.tocsin.agent.spool.SpoolException;
import dev.tocsin.agent.spool.SpoolReader;
import dev.tocsin.profiles.desired.GatewayStatus;
import dev.tocsin.profiles.desired.UpdateProgress;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import io.micrometer.core.instrument.Counter;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries the spool to the cloud's broker over a connection that it makes again by itself. One thread owns everything;
 * the client's threads and the spool's writer leave events for it.
 */
public final class Uplink implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Uplink.class);
    private static final long MAX_WAIT_MS = 1_000;
    /** A subscription that the broker refused is asked for again. */
    private static final long ASK_AGAIN_MS = 60_000;
    /**
     * And all of them once more, soon after they are made: Artemis gives a state that is published in the moment of the
     * subscription to nobody, neither as a new message nor as a retained one.
     */
    private static final long ASK_TWICE_MS = 3_000;

    /** Of the lanes, in their order: alerts are before it. */
    private static final int UNSAVED_ALERTS = 0;

    private static final int ALERTS = 1;
    private static final int BACKLOG = 3;
    private static final long ALERTS_FIRST_MS = 10_000;

    private final List<BrokerAddress> brokers;
    /** Of each broker, connections that came to stand, and attempts that failed. */
    private final List<Counter> connections;

    private final List<Counter> failures;
    private final String gateway;
    private final Presence presence;
    private final int shard;
    private final Spool spool;
    private final Downlink downlink;
    private final Clock clock;
    private final LongSupplier monotonicMs;
    private final Thread thread = new Thread(this::run, "uplink");
    private final BlockingQueue<Runnable> events = new LinkedBlockingQueue<>();
    /** One for each lane of messages, in the order of {@link #MESSAGE_LANES}. */
    private final List<AtomicBoolean> maybeMore = new ArrayList<>();

    private final AtomicBoolean woken = new AtomicBoolean();

    private static final List<Lane> MESSAGE_LANES = List.of(Lane.ALERT, Lane.REJECTED, Lane.SEEN, Lane.REPLY);

    private volatile boolean stopping;
    /** Position in the list, from 1, of the broker that is connected; 0 for none. */
    private volatile int at;

    private volatile int inFlight;
    private volatile long oldestAgeMs;
    private volatile List<String> refused = List.of();
    private volatile @Nullable Readings readings;

    // Owned by the thread.
    /** Brokers whose failure stands in the log already. */
    private final Set<BrokerAddress> told = new HashSet<>();

    private long askAgainAtMs;
    private boolean askedTwice;

    /** What the status tells of what this agent runs with. Asked by the uplink's thread. */
    public interface Running {
        /** Differs when any of the rest does. */
        long changes();

        long registryVersion();

        GatewayStatus.Running versions();

        List<GatewayStatus.Refused> refused();

        /** How far the newest order of another agent is. */
        @Nullable
        UpdateProgress update();
    }

    /** Takes every retained state of the cloud, and every command; runs on the client's thread. */
    @FunctionalInterface
    public interface Downlink {
        /** @param expirySeconds what was left of the message's expiry; nothing where it has none */
        void arrived(String topic, byte[] payload, @Nullable Long expirySeconds);
    }

    /**
     * @param clockKnown whether {@code clock} was ever set
     * @param brokers that lead to the same platform, the preferred one first
     * @param monotonicMs elapsed time
     */
    public Uplink(
            List<BrokerAddress> brokers,
            String gateway,
            String version,
            int shards,
            Spool spool,
            Running running,
            Downlink downlink,
            Clock clock,
            BooleanSupplier clockKnown,
            LongSupplier monotonicMs,
            AgentMetrics metrics) {
        this.brokers = List.copyOf(brokers);
        this.gateway = gateway;
        this.shard = Topics.shardOf(gateway, shards);
        this.presence =
                new Presence(Topics.up(shard, gateway, Lane.STATUS), gateway, version, spool, running, clockKnown);
        this.spool = spool;
        this.downlink = downlink;
        this.clock = clock;
        this.monotonicMs = monotonicMs;
        MESSAGE_LANES.forEach(lane -> maybeMore.add(new AtomicBoolean(true)));
        metrics.gauge("uplink.connected", "1 while the cloud's broker is connected", () -> connected() ? 1 : 0);
        metrics.gauge("uplink.in.flight", "Publications on their way", () -> inFlight);
        metrics.gauge("uplink.broker", "Position in the list of the broker that is connected, 0 for none", () -> at);
        connections = this.brokers.stream()
                .map(broker -> metrics.counter("uplink.connections", "That came to stand", broker.url()))
                .toList();
        failures = this.brokers.stream()
                .map(broker -> metrics.counter("uplink.failed.attempts", "To connect", broker.url()))
                .toList();
    }

    public void start() {
        thread.start();
    }

    /** For the spool's writer: something new is on disk. */
    public void committed(Spool.Commit commit) {
        Readings current = readings;
        boolean due = current != null && current.committed(commit, monotonicMs.getAsLong());
        if (commit.messages()) {
            maybeMore.forEach(more -> more.set(true));
        }
        if (due || commit.messages()) {
            wake();
        }
    }

    public boolean connected() {
        return at > 0;
    }

    /** Which broker is connected; empty for none. */
    public String brokerConnected() {
        int position = at;
        return position == 0 ? "" : brokers.get(position - 1).url();
    }

    /** How long the oldest reading that the broker does not have has been stored, 0 for none; a few seconds old. */
    public long oldestAgeMs() {
        return oldestAgeMs;
    }

    /** States of the cloud that the broker does not let this gateway read: it goes on with what it has. */
    public List<String> refused() {
        return refused;
    }

    private void wake() {
        if (woken.compareAndSet(false, true)) {
            events.add(() -> woken.set(false));
        }
    }

    private void run() {
        try (SpoolReader reader = spool.reader()) {
            Readings parted = new Readings(spool, reader);
            readings = parted;
            long now = monotonicMs.getAsLong();
            // The order is the order of urgency.
            List<LaneSender> lanes = List.of(
                    lane(Lane.ALERT, new UnsavedSource(spool), 8, now),
                    lane(Lane.ALERT, messages(reader, Lane.ALERT), 8, now),
                    lane(Lane.LIVE, parted.live(), 8, now),
                    lane(Lane.BACKLOG, parted.backlog(), 2, now),
                    lane(Lane.REJECTED, messages(reader, Lane.REJECTED), 4, now),
                    lane(Lane.SEEN, messages(reader, Lane.SEEN), 4, now),
                    lane(Lane.REPLY, messages(reader, Lane.REPLY), 4, now));
            Turn turn = new Turn(brokers.size());
            while (!stopping) {
                look(reader);
                attempt(turn, reader, lanes);
                pause(turn.over(monotonicMs.getAsLong()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(SpoolReader reader) {
        try {
            oldestAgeMs = reader.oldestAgeMs();
        } catch (SpoolException e) {
            LOG.debug("the age of the oldest reading", e);
        }
    }

    /** One connection to the broker whose turn it is, until it is lost. */
    private void attempt(Turn turn, SpoolReader reader, List<LaneSender> lanes) throws InterruptedException {
        int position = turn.next();
        BrokerAddress broker = brokers.get(position);
        BrokerLink link = null;
        try {
            link = connect(broker);
            turn.connected(monotonicMs.getAsLong());
            connections.get(position).increment();
            told.clear();
            at = position + 1;
            serve(link, reader, lanes);
            if (!stopping) {
                LOG.warn("cloud broker {}: connection lost", broker);
            }
        } catch (MqttException | IOException e) {
            failures.get(position).increment();
            if (told.add(broker)) {
                LOG.warn("cloud broker {}: {}; trying on, the spool keeps everything", broker, broker.reason(e));
            }
        } finally {
            at = 0;
            leave(link, lanes);
        }
    }

    private void pause(long waitMs) throws InterruptedException {
        long until = monotonicMs.getAsLong() + waitMs;
        for (long left = waitMs; left > 0 && !stopping; left = until - monotonicMs.getAsLong()) {
            handle(events.poll(left, TimeUnit.MILLISECONDS));
        }
    }

    private MessageSource messages(SpoolReader reader, Lane lane) {
        return new MessageSource(
                reader, lane, maybeMore.get(MESSAGE_LANES.indexOf(lane)), ids -> spool.free(List.of(), ids, List.of()));
    }

    private LaneSender lane(Lane lane, Source source, int maxInFlight, long nowMs) {
        return new LaneSender(Topics.up(shard, gateway, lane), source, maxInFlight, spool, nowMs);
    }

    private BrokerLink connect(BrokerAddress broker) throws MqttException, IOException {
        BrokerLink fresh = new BrokerLink(broker, "tocsin-uplink-" + gateway, new LinkEvents());
        try {
            fresh.connect(broker, presence.topic(), presence.will());
            askedTwice = false;
            subscribe(fresh, ASK_TWICE_MS);
            presence.arrive(fresh, clock.instant());
            LOG.info("cloud broker {}: connected as gateway {}", broker, gateway);
            return fresh;
        } catch (MqttException | IOException | RuntimeException e) {
            fresh.close();
            throw e;
        }
    }

    private void subscribe(BrokerLink link, long againMs) throws MqttException {
        refused = link.subscribe(
                Topics.stateOfGateway(gateway),
                Topics.stateOfProfile("+"),
                Topics.stateOfRules("+"),
                Topics.stateOfUpdate(gateway),
                Topics.stateOfSettings(gateway),
                Topics.command(gateway));
        askAgainAtMs = monotonicMs.getAsLong() + againMs;
    }

    /** Pumps until the connection is lost. */
    private void serve(BrokerLink current, SpoolReader reader, List<LaneSender> lanes)
            throws InterruptedException, MqttException {
        Instant since = clock.instant();
        LaneSender backlog = lanes.get(BACKLOG);
        long backlogAtMs = monotonicMs.getAsLong();
        while (!stopping && !current.isLost()) {
            long now = monotonicMs.getAsLong();
            long waitMs = MAX_WAIT_MS;
            for (LaneSender lane : lanes) {
                if (lane == backlog) {
                    if (alertsFirst(lanes, now) && now - backlogAtMs < ALERTS_FIRST_MS) {
                        continue;
                    }
                    backlogAtMs = now;
                }
                lane.pump(current, now);
                waitMs = Math.min(waitMs, lane.dueInMs(current, now));
            }
            inFlight = current.inFlight();
            if ((!askedTwice || !refused.isEmpty()) && now >= askAgainAtMs) {
                subscribe(current, ASK_AGAIN_MS);
                askedTwice = true;
            }
            presence.refresh(current, since);
            // Even when something is due: what the broker said comes first, or a lane that is full would be for ever.
            if (handle(waitMs > 0 ? events.poll(waitMs, TimeUnit.MILLISECONDS) : events.poll())) {
                for (Runnable event = events.poll(); event != null; event = events.poll()) {
                    event.run();
                }
            } else {
                look(reader);
            }
        }
    }

    /**
     * What an outage left behind of readings leaves the broker and the way to it to alerts, those of the outage and
     * those of now, but not to a lane that is stuck, and for {@link #ALERTS_FIRST_MS} on end at most.
     */
    private static boolean alertsFirst(List<LaneSender> lanes, long nowMs) {
        return lanes.get(UNSAVED_ALERTS).waitsSince(nowMs - ALERTS_FIRST_MS)
                || lanes.get(ALERTS).waitsSince(nowMs - ALERTS_FIRST_MS);
    }

    private static boolean handle(@Nullable Runnable event) {
        if (event != null) {
            event.run();
        }
        return event != null;
    }

    private void leave(@Nullable BrokerLink old, List<LaneSender> lanes) {
        if (old != null) {
            if (stopping) {
                try {
                    presence.leave(old);
                } catch (MqttException e) {
                    LOG.debug("the farewell did not leave; the will says the same", e);
                }
            }
            old.close();
            // What the broker confirmed until now counts.
            for (Runnable event = events.poll(); event != null; event = events.poll()) {
                event.run();
            }
        }
        long now = monotonicMs.getAsLong();
        lanes.forEach(lane -> lane.stop(now));
        inFlight = 0;
        spool.tidy();
    }

    private final class LinkEvents implements BrokerLink.Events {
        @Override
        public void published(LaneSender.Flight flight, int error) {
            events.add(() -> {
                if (error == 0) {
                    flight.lane.confirmed(flight);
                } else {
                    flight.lane.failed(flight, monotonicMs.getAsLong());
                }
            });
        }

        @Override
        public void lost() {
            wake();
        }

        @Override
        public void arrived(String topic, byte[] payload, @Nullable Long expirySeconds) {
            downlink.arrived(topic, payload, expirySeconds);
        }
    }

    @Override
    public void close() {
        stopping = true;
        wake();
        try {
            thread.join(4_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
