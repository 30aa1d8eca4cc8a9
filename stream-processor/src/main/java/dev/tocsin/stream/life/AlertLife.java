package dev.tocsin.stream.life;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.correlate.CorrelationRules.Chattering;
import dev.tocsin.stream.measure.Quantiles;
import java.time.Clock;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/** Keeps the {@link Matter} of each key; one that stayed closed for {@link #FORGET_AFTER_MS} leaves no state. */
public final class AlertLife extends KeyedBroadcastProcessFunction<String, Claim, News, Alert> {
    /** Longer than the other detector may lag behind with its claim on the same matter. */
    static final long FORGET_AFTER_MS = 24 * 3_600_000L;
    /** Claims of the new spool may overtake the news of it. */
    private static final long OVERTAKEN_MS = 5_000;

    private static final ValueStateDescriptor<Matter> MATTER = new ValueStateDescriptor<>("matter", Matter.class);

    private final Clock clock;
    private transient long openedAtMs;
    private transient ValueState<Matter> matter;
    private transient SiteCorrelations correlations;
    private transient Counter published;
    private transient Histogram latencyMs;

    /** @param clock the one that the timers go by */
    public AlertLife(Clock clock) {
        this.clock = clock;
    }

    @Override
    public void open(OpenContext context) {
        openedAtMs = clock.millis();
        correlations = new SiteCorrelations(getRuntimeContext().getMetricGroup());
        matter = getRuntimeContext().getState(MATTER);
        MetricGroup metrics = getRuntimeContext().getMetricGroup();
        published = metrics.counter("alertsPublished");
        latencyMs = Quantiles.register(metrics, "alertLatencyMs");
    }

    @Override
    public void processElement(Claim claim, ReadOnlyContext context, Collector<Alert> out) throws Exception {
        Matter held = matter.value();
        Matter now = held == null ? new Matter() : held;
        long nowMs = context.timerService().currentProcessingTime();
        Chattering chattering = correlations
                .rules(context.getBroadcastState(SiteCorrelations.STATE))
                .chattering();
        Alert next = now.on(claim, chattering, nowMs);
        if (next != null) {
            // From the receipt of what it rests on.
            latencyMs.update(Math.max(0, nowMs - claim.receivedAtMs()));
        }
        emit(next, out);
        if (now.blank()) {
            return;
        }
        settleLater(now, context.timerService());
        if (held == null) {
            lookAgainAt(nowMs + FORGET_AFTER_MS, now, context.timerService());
        }
        now.touchedMs = nowMs;
        matter.update(now);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Alert> out) throws Exception {
        Matter held = matter.value();
        if (held == null) {
            return;
        }
        if (timestamp >= held.settleLookMs) {
            held.settleLookMs = Long.MAX_VALUE;
            if (timestamp < openedAtMs) {
                // Due while this job was away: what came since is heard first.
                held.settleLookMs = openedAtMs + Matter.SETTLE_MS;
                context.timerService().registerProcessingTimeTimer(held.settleLookMs);
            } else {
                emit(held.settle(timestamp), out);
                settleLater(held, context.timerService());
            }
        }
        if (timestamp >= held.lookAtMs) {
            long forgetAtMs = held.touchedMs + FORGET_AFTER_MS;
            if (!held.open() && forgetAtMs <= timestamp) {
                matter.clear();
                return;
            }
            lookAgainAt(held.open() ? timestamp + FORGET_AFTER_MS : forgetAtMs, held, context.timerService());
        }
        matter.update(held);
    }

    @Override
    public void processBroadcastElement(News news, Context context, Collector<Alert> out) throws Exception {
        if (news.correlations() != null) {
            correlations.learn(news.correlations(), context.getBroadcastState(SiteCorrelations.STATE));
        }
        if (news.spool() != null) {
            forgetClaims(news.spool(), context, out);
        }
    }

    private void forgetClaims(NewSpool spool, Context context, Collector<Alert> out) throws Exception {
        long nowMs = context.currentProcessingTime();
        context.applyToKeyedState(MATTER, (key, state) -> {
            Matter held = state.value();
            if (held.isOpenAt(spool.gateway())) {
                emit(held.agentForgot(spool.heardMs() - OVERTAKEN_MS, nowMs), out);
                state.update(held);
            }
        });
    }

    /** Not another timer for every flap of what chatters: the first looks when the next is due. */
    private static void settleLater(Matter matter, TimerService timers) {
        long dueMs = matter.settleAtMs();
        if (dueMs < matter.settleLookMs) {
            matter.settleLookMs = dueMs;
            timers.registerProcessingTimeTimer(dueMs);
        }
    }

    /** One timer a matter at a time, for as long as there is state. */
    private static void lookAgainAt(long atMs, Matter matter, TimerService timers) {
        matter.lookAtMs = atMs;
        timers.registerProcessingTimeTimer(atMs);
    }

    private void emit(@Nullable Alert alert, Collector<Alert> out) {
        if (alert != null) {
            published.inc();
            out.collect(alert);
        }
    }
}
