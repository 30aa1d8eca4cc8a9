package dev.tocsin.stream.life;

import dev.tocsin.profiles.correlate.CorrelationException;
import dev.tocsin.profiles.correlate.CorrelationRules;
import dev.tocsin.stream.source.UplinkMessage;
import java.nio.charset.StandardCharsets;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReadOnlyBroadcastState;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The correlation rules: the site's own, kept as text in broadcast state and parsed once a subtask, else the built-in
 * ones. What cannot be read, or is older than what is there, is counted and not taken.
 */
public final class SiteCorrelations {
    public static final MapStateDescriptor<String, String> STATE =
            new MapStateDescriptor<>("site-correlations", String.class, String.class);

    private static final Logger LOG = LoggerFactory.getLogger(SiteCorrelations.class);
    private static final String ONLY = "rules";

    private final CorrelationRules builtIn = CorrelationRules.builtIn();
    private final Counter refused;
    /** Null until what an earlier run kept was read. */
    private @Nullable CorrelationRules rules;

    public SiteCorrelations(MetricGroup metrics) {
        refused = metrics.counter("correlationsRefused");
    }

    /** Takes the payload of {@link dev.tocsin.profiles.wire.Topics#CORRELATIONS}; an empty one drops the site's own. */
    public void learn(UplinkMessage message, BroadcastState<String, String> state) throws Exception {
        String text = new String(message.payload(), StandardCharsets.UTF_8);
        if (text.isEmpty()) {
            state.remove(ONLY);
            rules = builtIn;
            return;
        }
        CorrelationRules known = rules(state);
        try {
            CorrelationRules news = CorrelationRules.parse(text, message.topic());
            boolean own = state.contains(ONLY);
            if (own && news.version() < known.version()) {
                refuse(message.topic() + " version " + news.version() + " is older than " + known.version()
                        + ", which stays");
            } else if (!own || news.version() > known.version()) {
                state.put(ONLY, text);
                rules = news;
            }
        } catch (CorrelationException e) {
            refuse(String.valueOf(e.getMessage()));
        }
    }

    public CorrelationRules rules(ReadOnlyBroadcastState<String, String> state) throws Exception {
        if (rules == null) {
            String kept = state.get(ONLY);
            rules = builtIn;
            if (kept != null) {
                try {
                    rules = CorrelationRules.parse(kept, ONLY);
                } catch (CorrelationException e) {
                    // Kept by an older version of this code, it may be one that this version does not take.
                    refuse(String.valueOf(e.getMessage()));
                }
            }
        }
        return rules;
    }

    private void refuse(String why) {
        LOG.warn("correlation rules are not taken: {}", why);
        refused.inc();
    }
}
