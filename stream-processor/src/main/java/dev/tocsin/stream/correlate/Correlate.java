package dev.tocsin.stream.correlate;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.correlate.CorrelationRules;
import dev.tocsin.profiles.correlate.Correlator;
import dev.tocsin.profiles.correlate.Neighbourhood;
import dev.tocsin.stream.ingest.GatewayPlaces;
import dev.tocsin.stream.life.Claim;
import dev.tocsin.stream.life.SiteCorrelations;
import dev.tocsin.stream.source.UplinkMessage;
import java.time.Clock;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Keeps the {@link Neighbourhood} of each area. Each claim of the topic is passed on before what is said because of it,
 * so that whoever keeps the alert knows of it by then. An area in which nothing is open, and nothing was for as long as
 * any rule looks back, leaves no state.
 */
public final class Correlate extends KeyedBroadcastProcessFunction<String, Claim, UplinkMessage, Claim> {
    private final Clock clock;
    private transient long openedAtMs;
    private transient ValueState<Neighbourhood> neighbourhood;
    private transient SiteCorrelations site;
    private transient Correlator correlator;
    private transient Counter correlated;
    private transient Counter forgotten;

    /** @param clock the one that the timers go by */
    public Correlate(Clock clock) {
        this.clock = clock;
    }

    public static String areaOf(Claim claim) {
        return claim.alert().place().area();
    }

    @Override
    public void open(OpenContext context) {
        openedAtMs = clock.millis();
        neighbourhood = getRuntimeContext().getState(new ValueStateDescriptor<>("neighbourhood", Neighbourhood.class));
        site = new SiteCorrelations(getRuntimeContext().getMetricGroup());
        correlator = new Correlator(CorrelationRules.builtIn());
        correlated = getRuntimeContext().getMetricGroup().counter("alertsCorrelated");
        forgotten = getRuntimeContext().getMetricGroup().counter("neighboursForgotten");
    }

    @Override
    public void processElement(Claim claim, ReadOnlyContext context, Collector<Claim> out) throws Exception {
        out.collect(claim);
        Alert alert = claim.alert();
        // Where nobody said where it is, nothing is near.
        if (GatewayPlaces.isUnassigned(alert.place())) {
            return;
        }
        Neighbourhood known = neighbourhood.value();
        Neighbourhood here = known == null ? new Neighbourhood() : known;
        long nowMs = context.timerService().currentProcessingTime();
        long forgottenBefore = here.forgotten;
        correlator(site.rules(context.getBroadcastState(SiteCorrelations.STATE)))
                .hear(here, alert, nowMs, said -> say(said, claim.receivedAtMs(), out));
        forgotten.inc(here.forgotten - forgottenBefore);
        if (here.lookAtMs == 0) {
            here.lookAtMs = nowMs + correlator.rules().longestWindowMs();
            context.timerService().registerProcessingTimeTimer(here.lookAtMs);
        }
        neighbourhood.update(here);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<Claim> out) throws Exception {
        Neighbourhood here = neighbourhood.value();
        if (here == null) {
            return;
        }
        long windowMs = correlator(site.rules(context.getBroadcastState(SiteCorrelations.STATE)))
                .rules()
                .longestWindowMs();
        // After a restart what waited for this job is heard first.
        if (timestamp >= openedAtMs + windowMs) {
            correlator.forget(here, timestamp - windowMs, said -> say(said, timestamp, out));
        }
        if (here.isEmpty()) {
            neighbourhood.clear();
            return;
        }
        here.lookAtMs = Math.max(timestamp, openedAtMs) + windowMs;
        context.timerService().registerProcessingTimeTimer(here.lookAtMs);
        neighbourhood.update(here);
    }

    @Override
    public void processBroadcastElement(UplinkMessage message, Context context, Collector<Claim> out) throws Exception {
        site.learn(message, context.getBroadcastState(SiteCorrelations.STATE));
    }

    @SuppressWarnings("ReferenceEquality") // rules are parsed once; others are another object
    private Correlator correlator(CorrelationRules rules) {
        if (correlator.rules() != rules) {
            correlator = new Correlator(rules);
        }
        return correlator;
    }

    private void say(Alert said, long receivedAtMs, Collector<Claim> out) {
        correlated.inc();
        out.collect(new Claim(Claim.Holder.NEIGHBOURS, said, receivedAtMs));
    }
}
