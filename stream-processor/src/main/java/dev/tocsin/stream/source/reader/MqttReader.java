package dev.tocsin.stream.source.reader;

import dev.tocsin.stream.broker.BrokerAccess;
import dev.tocsin.stream.source.Feed;
import dev.tocsin.stream.source.UplinkMessage;
import dev.tocsin.stream.source.split.MqttSplit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;

/**
 * Takes what the sessions of its splits received, the more urgent feed first and within a feed one after the other. All
 * methods are called by Flink's one thread; the sessions have threads of their own.
 */
public final class MqttReader implements SourceReader<UplinkMessage, MqttSplit> {
    /** {@code tocsin/v1/up/{shard}/{gateway}/...} and {@code tocsin/v1/state/gateway/{gateway}}, counted from 0. */
    private static final int GATEWAY_LEVEL = 4;

    /** A split with its session and its ledger. */
    private record Reading(SplitSession session, AckLedger ledger) {}

    private final BrokerAccess broker;
    private final String job;
    private final Window window;
    private final Counter received;
    private final Availability availability = new Availability();
    private final List<Reading> readings = new ArrayList<>();
    private int next;

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
        metrics.gauge(
                "mqttQueued",
                () -> readings.stream()
                        .mapToInt(reading -> reading.session().handOver().size())
                        .sum());
        metrics.gauge(
                "mqttConnections",
                () -> readings.stream()
                        .mapToLong(reading -> reading.session().connections())
                        .sum());
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
        readings.sort(Comparator.comparing(reading -> reading.session().split().feed()));
    }

    @Override
    public InputStatus pollNext(ReaderOutput<UplinkMessage> output) {
        if (emitOne(output)) {
            return InputStatus.MORE_AVAILABLE;
        }
        availability.reset();
        return emitOne(output) ? InputStatus.MORE_AVAILABLE : InputStatus.NOTHING_AVAILABLE;
    }

    private boolean emitOne(ReaderOutput<UplinkMessage> output) {
        int size = readings.size();
        for (int from = 0; from < size; ) {
            Feed feed = readings.get(from).session().split().feed();
            int to = from + 1;
            while (to < size && readings.get(to).session().split().feed() == feed) {
                to++;
            }
            for (int i = 0; i < to - from; i++) {
                if (emitFrom(readings.get(from + Math.floorMod(next + i, to - from)), output)) {
                    next++;
                    return true;
                }
            }
            from = to;
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
        // All at once: each may wait for the broker.
        readings.stream().map(Reading::session).parallel().forEach(SplitSession::close);
    }
}
