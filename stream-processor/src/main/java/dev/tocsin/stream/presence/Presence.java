package dev.tocsin.stream.presence;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Evidence;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayStatus;
import dev.tocsin.stream.ingest.GatewayPlaces;
import dev.tocsin.stream.life.Claim;
import dev.tocsin.stream.life.NewSpool;
import dev.tocsin.stream.source.Feed;
import dev.tocsin.stream.source.UplinkMessage;
import java.time.Clock;
import java.time.Instant;
import java.util.Objects;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * A gateway that is offline for longer than {@link #GRACE_MS} is in trouble, until it is online again. That it is online
 * it must also prove: a broker that died with the gateway tells its old status for ever, and no pulse follows.
 */
public final class Presence extends KeyedProcessFunction<String, Signal, Claim> {
    public static final String RULE = "gateway/presence";
    public static final OutputTag<NewSpool> NEW_SPOOL = new OutputTag<>("new-spool") {};
    /** A reconnection, or a broker that restarts, is no trouble. */
    static final long GRACE_MS = 10_000;
    /** Six pulses. */
    static final long PULSE_WITHIN_MS = 30_000;

    private final Clock clock;
    private transient long openedAtMs;
    private transient ValueState<GatewayPresence> presence;
    private transient GatewayPlaces places;
    private transient Counter bad;

    /** @param clock the one that the timers go by */
    public Presence(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void open(OpenContext context) {
        openedAtMs = clock.millis();
        presence = getRuntimeContext().getState(new ValueStateDescriptor<>("presence", GatewayPresence.class));
        places = new GatewayPlaces(getRuntimeContext());
        bad = getRuntimeContext().getMetricGroup().counter("statusBad");
    }

    @Override
    public void processElement(Signal signal, Context context, Collector<Claim> out) throws Exception {
        UplinkMessage message = signal.message();
        if (message == null) {
            onPulse(signal.gateway(), context, out);
            return;
        }
        try {
            if (message.feed() == Feed.STATE) {
                places.learn(message.payload());
            } else if (message.payload().length == 0) {
                forget(message, out);
            } else {
                GatewayStatus status = DesiredJson.read(message.payload(), GatewayStatus.class);
                if (!message.gateway().equals(status.gateway())) {
                    throw new IllegalArgumentException(message.gateway() + " speaks for " + status.gateway());
                }
                onStatus(status, message, context, out);
            }
        } catch (IllegalArgumentException e) {
            bad.inc();
        }
    }

    private void onStatus(GatewayStatus status, UplinkMessage message, Context context, Collector<Claim> out)
            throws Exception {
        GatewayPresence known = presence.value();
        if (known == null) {
            known = new GatewayPresence();
        }
        long nowMs = context.timerService().currentProcessingTime();
        if (status.online()) {
            backAgain(message.gateway(), known, message.receivedAtMs(), out);
            known.sinceMs = status.since() == null
                    ? message.receivedAtMs()
                    : status.since().toEpochMilli();
            known.onlineAtMs = nowMs;
            if (known.pulseAtMs != 0) {
                context.timerService().registerProcessingTimeTimer(nowMs + PULSE_WITHIN_MS);
            }
            if (status.epoch() != null && !status.epoch().equals(known.epoch)) {
                if (known.epoch != null) {
                    context.output(NEW_SPOOL, new NewSpool(message.gateway(), message.receivedAtMs()));
                }
                known.epoch = status.epoch();
            }
        } else if (known.offlineAtMs == null) {
            known.online = false;
            known.offlineAtMs = message.receivedAtMs();
            context.timerService().registerProcessingTimeTimer(nowMs + GRACE_MS);
        }
        presence.update(known);
    }

    private void onPulse(String gateway, Context context, Collector<Claim> out) throws Exception {
        GatewayPresence known = presence.value();
        if (known == null) {
            return;
        }
        long nowMs = context.timerService().currentProcessingTime();
        // One that was on its way when the last will was told proves nothing.
        if (known.online && known.raised) {
            backAgain(gateway, known, nowMs, out);
        }
        known.pulseAtMs = nowMs;
        presence.update(known);
    }

    private void backAgain(String gateway, GatewayPresence known, long atMs, Collector<Claim> out) throws Exception {
        if (known.raised) {
            out.collect(claim(gateway, known, atMs, true));
        }
        known.online = true;
        known.raised = false;
        known.offlineAtMs = null;
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Claim> out) throws Exception {
        GatewayPresence known = presence.value();
        if (known == null || known.raised) {
            return;
        }
        boolean offline = known.offlineAtMs != null;
        if (!offline && (known.pulseAtMs == 0 || known.pulseAtMs >= known.onlineAtMs)) {
            return;
        }
        long nowMs = context.timerService().currentProcessingTime();
        long graceMs = offline ? GRACE_MS : PULSE_WITHIN_MS;
        long dueMs = (offline ? Objects.requireNonNull(known.offlineAtMs) : known.onlineAtMs) + graceMs;
        if (timestamp < openedAtMs) {
            // Due while this job was away: what came since is heard first.
            context.timerService().registerProcessingTimeTimer(nowMs + graceMs);
        } else if (dueMs > timestamp) {
            // It was back in between; this timer belongs to the time before that.
            context.timerService().registerProcessingTimeTimer(dueMs);
        } else {
            if (!offline) {
                known.offlineAtMs = Math.max(known.pulseAtMs, known.onlineAtMs);
            }
            known.raised = true;
            presence.update(known);
            out.collect(claim(context.getCurrentKey(), known, nowMs, false));
        }
    }

    /** The retained status was removed: there is no such gateway any more. */
    private void forget(UplinkMessage message, Collector<Claim> out) throws Exception {
        GatewayPresence known = presence.value();
        if (known != null && known.raised) {
            out.collect(claim(message.gateway(), known, message.receivedAtMs(), true));
        }
        presence.clear();
    }

    /**
     * The id comes from the connection that was lost and not from the time at which we heard of it, which is another
     * when the broker tells it again after a restart of this job.
     */
    private Claim claim(String gateway, GatewayPresence known, long atMs, boolean over) throws Exception {
        Long offlineAtMs = known.offlineAtMs;
        Instant onset = Instant.ofEpochMilli(offlineAtMs == null ? atMs : offlineAtMs);
        Instant at = Instant.ofEpochMilli(atMs);
        Alert alert = new Alert(
                Alert.idOf(RULE, gateway, known.sinceMs),
                0,
                over ? AlertState.CLEARED : AlertState.ACTIVE,
                RULE,
                1,
                AlertKind.TROUBLE,
                Severity.MAJOR,
                gateway,
                gateway,
                places.ofGateway(),
                "",
                0,
                "",
                onset,
                at,
                over ? at : null,
                false,
                false,
                Evidence.NONE);
        return new Claim(Claim.Holder.LIVE, alert, atMs);
    }
}
