package dev.tocsin.stream.life;

import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.stream.source.UplinkMessage;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/** Reads the alert topic, on which this job alone publishes; what is no alert there is counted. */
public final class PublishedAlerts extends ProcessFunction<UplinkMessage, Claim> {
    private transient Counter bad;

    @Override
    public void open(OpenContext context) {
        bad = getRuntimeContext().getMetricGroup().counter("publishedAlertsBad");
    }

    @Override
    public void processElement(UplinkMessage message, Context context, Collector<Claim> out) {
        try {
            out.collect(new Claim(Claim.Holder.TOPIC, AlertJson.read(message.payload()), message.receivedAtMs()));
        } catch (IllegalArgumentException e) {
            bad.inc();
        }
    }
}
