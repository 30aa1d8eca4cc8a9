package dev.tocsin.stream.ingest;

import dev.tocsin.profiles.desired.Pulse;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Rejected;
import dev.tocsin.profiles.wire.Sequences;
import dev.tocsin.profiles.wire.UplinkCodec;
import dev.tocsin.profiles.wire.UplinkCodec.BadBatchException;
import dev.tocsin.profiles.wire.UplinkCodec.UplinkBatch;
import dev.tocsin.stream.measure.Quantiles;
import dev.tocsin.stream.source.Feed;
import dev.tocsin.stream.source.UplinkMessage;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Decodes the batches of one gateway and lets each sequence of an epoch through once, whatever lane carries it: live
 * readings as the main output, a backlog beside it. Also takes the gateway's desired state, which places the readings.
 */
public final class Ingest extends KeyedProcessFunction<String, UplinkMessage, PlacedReadings> {
    public static final OutputTag<PlacedReadings> BACKLOG = new OutputTag<>("backlog") {};
    public static final OutputTag<Rejected> REJECTED = new OutputTag<>("rejected") {};
    public static final OutputTag<Pulse> PULSE = new OutputTag<>("pulse") {};

    /** Spool files of one gateway that are remembered; the one unused for longest is forgotten first. */
    static final int EPOCHS_KEPT = 16;
    /** A spool file of which nothing came for so long is forgotten. */
    static final long FORGET_AFTER_MS = 30L * 24 * 3_600_000;

    private final Clock clock;
    private transient long openedAtMs;
    private transient MapState<String, EpochSeen> seen;
    private transient GatewayPlaces places;
    private transient Counter fresh;
    private transient Counter repeated;
    private transient Counter badBatches;
    private transient Counter badState;
    private transient Histogram liveLagMs;
    private transient Histogram backlogLagMs;

    /** @param clock the one that the timers go by */
    public Ingest(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void open(OpenContext context) {
        openedAtMs = clock.millis();
        seen = getRuntimeContext().getMapState(new MapStateDescriptor<>("seen", String.class, EpochSeen.class));
        places = new GatewayPlaces(getRuntimeContext());
        MetricGroup metrics = getRuntimeContext().getMetricGroup();
        fresh = metrics.counter("readingsFresh");
        repeated = metrics.counter("readingsRepeated");
        badBatches = metrics.counter("batchesBad");
        badState = metrics.counter("desiredStateBad");
        liveLagMs = Quantiles.register(metrics, "liveLagMs");
        backlogLagMs = Quantiles.register(metrics, "backlogLagMs");
    }

    @Override
    public void processElement(UplinkMessage message, Context context, Collector<PlacedReadings> out) throws Exception {
        if (message.feed() == Feed.STATE) {
            try {
                for (String device : places.learn(message.payload())) {
                    out.collect(PlacedReadings.departure(message.gateway(), device, message.receivedAtMs()));
                }
            } catch (IllegalArgumentException e) {
                badState.inc();
            }
            return;
        }
        UplinkBatch batch;
        try {
            batch = UplinkCodec.decodeBatch(message.payload());
        } catch (BadBatchException e) {
            badBatches.inc();
            context.output(REJECTED, rejected(message, Rejected.Reason.BAD_BATCH, e));
            return;
        }
        boolean live = message.feed() == Feed.LIVE;
        EpochSeen epoch = epoch(batch.epoch(), message.receivedAtMs(), context.timerService());
        for (Sequences.Range evicted : batch.evicted()) {
            epoch.sequences.add(evicted.first(), evicted.last());
        }
        long newestMs = Long.MIN_VALUE;
        for (DeviceReadings readings : batch.readings()) {
            newestMs = Math.max(newestMs, readings.receivedAtMs()[readings.count() - 1]);
            if (live && readings.profile().equals(Pulse.PROFILE)) {
                beat(message, readings, context);
            }
            for (Sequences.Range range : epoch.sequences.add(readings.firstSequence(), readings.lastSequence())) {
                int from = (int) (range.first() - readings.firstSequence());
                int to = (int) (range.last() - readings.firstSequence()) + 1;
                fresh.inc(to - from);
                repeated.dec(to - from);
                PlacedReadings placed = new PlacedReadings(
                        message.gateway(),
                        places.of(readings.device()),
                        message.receivedAtMs(),
                        readings.slice(from, to));
                if (live) {
                    out.collect(placed);
                } else {
                    context.output(BACKLOG, placed);
                }
            }
            repeated.inc(readings.count());
        }
        if (newestMs != Long.MIN_VALUE) {
            // A gateway's clock may be ahead of ours.
            long lagMs = Math.max(0, context.timerService().currentProcessingTime() - newestMs);
            (live ? liveLagMs : backlogLagMs).update(lagMs);
        }
        seen.put(batch.epoch(), epoch);
    }

    /** The pulse proves the way, not the reading: it is passed on before anybody asks whether it was seen. */
    private static void beat(UplinkMessage message, DeviceReadings readings, Context context) {
        for (int i = 0; i < readings.count(); i++) {
            if (readings.metricAt(i).equals(Pulse.METRIC)) {
                context.output(
                        PULSE,
                        new Pulse(
                                message.gateway(),
                                (long) readings.value()[i],
                                Instant.ofEpochMilli(readings.observedAtMs()[i]),
                                Instant.ofEpochMilli(context.timerService().currentProcessingTime())));
            }
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<PlacedReadings> out) throws Exception {
        long nextMs = Long.MAX_VALUE;
        List<String> gone = new ArrayList<>();
        for (Map.Entry<String, EpochSeen> entry : seen.entries()) {
            // While this job was away nothing could be heard.
            long forgetAtMs = Math.max(entry.getValue().lastUsedMs, openedAtMs) + FORGET_AFTER_MS;
            if (forgetAtMs <= timestamp) {
                gone.add(entry.getKey());
            } else {
                nextMs = Math.min(nextMs, forgetAtMs);
            }
        }
        for (String epoch : gone) {
            seen.remove(epoch);
        }
        if (nextMs != Long.MAX_VALUE) {
            // One a gateway from here on: equal timers of one key are one.
            context.timerService().registerProcessingTimeTimer(nextMs);
        }
    }

    private EpochSeen epoch(String id, long nowMs, TimerService timers) throws Exception {
        EpochSeen epoch = seen.get(id);
        if (epoch == null) {
            forgetOldest();
            epoch = new EpochSeen();
            timers.registerProcessingTimeTimer(nowMs + FORGET_AFTER_MS);
        }
        epoch.lastUsedMs = nowMs;
        return epoch;
    }

    private void forgetOldest() throws Exception {
        int count = 0;
        String oldest = "";
        long oldestMs = Long.MAX_VALUE;
        for (Map.Entry<String, EpochSeen> entry : seen.entries()) {
            count++;
            if (entry.getValue().lastUsedMs < oldestMs) {
                oldestMs = entry.getValue().lastUsedMs;
                oldest = entry.getKey();
            }
        }
        if (count >= EPOCHS_KEPT) {
            seen.remove(oldest);
        }
    }

    /** What is kept of a message that nobody can read; the same bytes give the same id, however often they come. */
    public static Rejected rejected(UplinkMessage message, Rejected.Reason reason, Exception cause) {
        byte[] topic = message.topic().getBytes(StandardCharsets.UTF_8);
        byte[] identity = new byte[topic.length + message.payload().length];
        System.arraycopy(topic, 0, identity, 0, topic.length);
        System.arraycopy(message.payload(), 0, identity, topic.length, message.payload().length);
        String detail = cause.getMessage();
        return new Rejected(
                UUID.nameUUIDFromBytes(identity).toString(),
                message.gateway(),
                "mqtt:" + message.topic(),
                null,
                reason,
                detail == null ? cause.toString() : detail,
                message.payload(),
                Instant.ofEpochMilli(message.receivedAtMs()));
    }
}
