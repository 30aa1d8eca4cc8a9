package dev.tocsin.stream.life;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.reading.Rejected;
import dev.tocsin.stream.ingest.Ingest;
import dev.tocsin.stream.source.UplinkMessage;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Reads the alerts that agents raised; what is no alert leaves beside them. */
public final class AgentAlerts extends ProcessFunction<UplinkMessage, Claim> {
    public static final OutputTag<Rejected> REJECTED = new OutputTag<>("rejected") {};

    private transient Counter bad;

    @Override
    public void open(OpenContext context) {
        bad = getRuntimeContext().getMetricGroup().counter("agentAlertsBad");
    }

    @Override
    public void processElement(UplinkMessage message, Context context, Collector<Claim> out) {
        try {
            Alert alert = AlertJson.read(message.payload());
            if (!alert.gateway().equals(message.gateway())) {
                throw new IllegalArgumentException("gateway " + message.gateway() + " speaks for " + alert.gateway());
            }
            // What other alerts say of it is for us to find.
            Alert alone = alert.correlated(alert.kind(), alert.severity(), null);
            out.collect(new Claim(Claim.Holder.EDGE, alone, message.receivedAtMs()));
        } catch (IllegalArgumentException e) {
            bad.inc();
            context.output(REJECTED, Ingest.rejected(message, Rejected.Reason.MALFORMED, e));
        }
    }
}
