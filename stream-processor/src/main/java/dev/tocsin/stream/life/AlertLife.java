package dev.tocsin.stream.life;

import dev.tocsin.profiles.alert.Alert;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/** Keeps the {@link Matter} of each key; one that stayed closed for {@link #FORGET_AFTER_MS} leaves no state. */
public final class AlertLife extends KeyedProcessFunction<String, Claim, Alert> {
    /** Longer than the other detector may lag behind with its claim on the same matter. */
    static final long FORGET_AFTER_MS = 24 * 3_600_000L;

    private transient ValueState<Matter> matter;
    private transient Counter published;

    @Override
    public void open(OpenContext context) {
        matter = getRuntimeContext().getState(new ValueStateDescriptor<>("matter", Matter.class));
        published = getRuntimeContext().getMetricGroup().counter("alertsPublished");
    }

    @Override
    public void processElement(Claim claim, Context context, Collector<Alert> out) throws Exception {
        Matter held = matter.value();
        Matter now = held == null ? new Matter() : held;
        long nowMs = context.timerService().currentProcessingTime();
        Alert alert = now.on(claim, nowMs);
        if (now.published == null) {
            return;
        }
        matter.update(now);
        if (alert != null) {
            published.inc();
            out.collect(alert);
            if (!now.open()) {
                context.timerService().registerProcessingTimeTimer(nowMs + FORGET_AFTER_MS);
            }
        }
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Alert> out) throws Exception {
        Matter held = matter.value();
        if (held != null
                && !held.open()
                && held.published != null
                && held.published.revision() + FORGET_AFTER_MS <= timestamp) {
            matter.clear();
        }
    }
}
