package dev.tocsin.stream.source.reader;

import dev.tocsin.profiles.wire.MendedPublications;
import dev.tocsin.stream.broker.BrokerAccess;
import dev.tocsin.stream.source.Feed;
import dev.tocsin.stream.source.UplinkMessage;
import dev.tocsin.stream.source.split.MqttSplit;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;

/**
 * Takes what the sessions of its splits received, the more urgent feed first and within a feed one after the other; one
 * message in {@value #FAIR_TURN} is the turn of a less urgent feed. All
 * methods are called by Flink's one thread; the sessions have threads of their own.
 */
public final class MqttReader implements SourceReader<UplinkMessage, MqttSplit> {
    /** {@code tocsin/v1/up/{shard}/{gateway}/...} and {@code tocsin/v1/state/gateway/{gateway}}, counted from 0. */
    private static final int GATEWAY_LEVEL = 4;
    /** One message in so many is not the most urgent one's. */
    private static final int FAIR_TURN = 16;

    /** A split with its session and its ledger. */
    private record Reading(SplitSession session, AckLedger ledger) {}

    private final BrokerAccess broker;
    private final String job;
    private final Window window;
    private final Counter received;
    private final Availability availability = new Availability();
    private final List<Reading> readings = new ArrayList<>();
    /** The same readings by feed, the most urgent first. */
    private List<List<Reading>> feeds = List.of();

    private int next;
    private long turn;

    public MqttReader(BrokerAccess broker, String job, Window window, SourceReaderMetricGroup metrics) {
        this.broker = broker;
        this.job = job;
        this.window = window;
        this.received = metrics.counter("mqttMessages");
        metrics.gauge(
                "mqttUnacknowledged",
                () -> readings.stream()
                        .mapToInt(reading -> reading.ledger().waiting())
                        .sum());
        metrics.gauge("mqttQueued", this::queued);
        metrics.gauge("mqttConnections", this::connections);
        metrics.gauge("mqttMended", MendedPublications::count);
    }

    /** Messages received and not yet taken. */
    int queued() {
        return readings.stream()
                .mapToInt(reading -> reading.session().handOver().size())
                .sum();
    }

    /** Made by all sessions so far. */
    long connections() {
        return readings.stream()
                .mapToLong(reading -> reading.session().connections())
                .sum();
    }

    @Override
    public void start() {
        // Sessions begin when splits are assigned.
    }

    @Override
    public void addSplits(List<MqttSplit> splits) {
        for (MqttSplit split : splits) {
            SplitSession session = new SplitSession(broker, job, split, window, availability::signal);
            readings.add(new Reading(session, new AckLedger()));
            session.start();
        }
        feeds = List.copyOf(readings.stream()
                .collect(Collectors.groupingBy(
                        reading -> reading.session().split().feed(), TreeMap::new, Collectors.toList()))
                .values());
    }

    @Override
    public InputStatus pollNext(ReaderOutput<UplinkMessage> output) {
        if (emitOne(output)) {
            return InputStatus.MORE_AVAILABLE;
        }
        availability.reset();
        if (emitOne(output)) {
            // More may have come with it, and nobody is told of a message that is not the first in its queue.
            availability.signal();
            return InputStatus.MORE_AVAILABLE;
        }
        return InputStatus.NOTHING_AVAILABLE;
    }

    private boolean emitOne(ReaderOutput<UplinkMessage> output) {
        turn++;
        // A feed after another is looked at first, or a broker that always has live readings would starve the others.
        int urgent = turn % FAIR_TURN == 0 ? (int) (turn / FAIR_TURN % Math.max(feeds.size(), 1)) : 0;
        for (int i = 0; i < feeds.size(); i++) {
            List<Reading> ofFeed = feeds.get((urgent + i) % feeds.size());
            for (int j = 0; j < ofFeed.size(); j++) {
                if (emitFrom(ofFeed.get(Math.floorMod(next + j, ofFeed.size())), output)) {
                    next++;
                    return true;
                }
            }
        }
        return false;
    }

    private boolean emitFrom(Reading reading, ReaderOutput<UplinkMessage> output) {
        Delivery delivery = reading.session().handOver().poll();
        if (delivery == null) {
            return false;
        }
        if (delivery.messageId() != 0) {
            reading.ledger().taken(delivery.connection(), delivery.messageId());
        }
        received.inc();
        MqttSplit split = reading.session().split();
        output.collect(new UplinkMessage(
                split.feed(),
                split.shard(),
                delivery.topic(),
                split.feed() == Feed.ALERTS ? "" : gatewayOf(delivery.topic()),
                delivery.payload(),
                delivery.receivedAtMs()));
        return true;
    }

    /** Uplink and gateway state have the gateway at the same level; the filters let nothing shorter through. */
    private static String gatewayOf(String topic) {
        int start = 0;
        for (int level = 0; level < GATEWAY_LEVEL; level++) {
            start = topic.indexOf('/', start) + 1;
            if (start == 0) {
                return "";
            }
        }
        int end = topic.indexOf('/', start);
        return end < 0 ? topic.substring(start) : topic.substring(start, end);
    }

    @Override
    public List<MqttSplit> snapshotState(long checkpointId) {
        for (Reading reading : readings) {
            reading.ledger().barrier(checkpointId);
        }
        // The enumerator gives every reader its splits anew; they carry no position.
        return List.of();
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
        for (Reading reading : readings) {
            int[] ids = reading.ledger().completed(checkpointId);
            if (ids.length > 0) {
                reading.session().acknowledge(reading.ledger().connection(), ids);
            }
        }
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return availability.future();
    }

    @Override
    public void notifyNoMoreSplits() {
        // The enumerator never says so: the river does not end.
    }

    @Override
    public void close() {
        // All at once: each may wait for the broker, and a restart of the job waits for them all.
        readings.forEach(reading -> reading.session().leave());
        readings.forEach(reading -> reading.session().close());
    }
}
