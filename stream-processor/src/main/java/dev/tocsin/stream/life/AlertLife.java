package dev.tocsin.stream.life;

import dev.tocsin.profiles.alert.Alert;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/** Keeps the {@link Matter} of each key; one that stayed closed for {@link #FORGET_AFTER_MS} leaves no state. */
public final class AlertLife extends KeyedBroadcastProcessFunction<String, Claim, NewSpool, Alert> {
    /** Nothing is kept there: a new spool is acted upon when it is heard of. */
    public static final MapStateDescriptor<String, Long> NOTHING =
            new MapStateDescriptor<>("nothing", String.class, Long.class);

    /** Longer than the other detector may lag behind with its claim on the same matter. */
    static final long FORGET_AFTER_MS = 24 * 3_600_000L;
    /** Claims of the new spool may overtake the news of it. */
    private static final long OVERTAKEN_MS = 5_000;

    private static final ValueStateDescriptor<Matter> MATTER = new ValueStateDescriptor<>("matter", Matter.class);

    private transient ValueState<Matter> matter;
    private transient Counter published;

    @Override
    public void open(OpenContext context) {
        matter = getRuntimeContext().getState(MATTER);
        published = getRuntimeContext().getMetricGroup().counter("alertsPublished");
    }

    @Override
    public void processElement(Claim claim, ReadOnlyContext context, Collector<Alert> out) throws Exception {
        Matter held = matter.value();
        Matter now = held == null ? new Matter() : held;
        long nowMs = context.timerService().currentProcessingTime();
        long settleBeforeMs = now.settleAtMs();
        emit(now.on(claim, nowMs), out);
        if (now.blank()) {
            return;
        }
        if (now.settleAtMs() != settleBeforeMs && now.settleAtMs() != Long.MAX_VALUE) {
            context.timerService().registerProcessingTimeTimer(now.settleAtMs());
        }
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
        emit(held.settle(timestamp), out);
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
    public void processBroadcastElement(NewSpool spool, Context context, Collector<Alert> out) throws Exception {
        long nowMs = context.currentProcessingTime();
        context.applyToKeyedState(MATTER, (key, state) -> {
            Matter held = state.value();
            if (held.isOpenAt(spool.gateway())) {
                emit(held.agentForgot(spool.heardMs() - OVERTAKEN_MS, nowMs), out);
                state.update(held);
            }
        });
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
