package dev.tocsin.stream.detect;

import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.site.EffectiveRules;
import dev.tocsin.profiles.site.RuleSet;
import dev.tocsin.profiles.site.RuleSetException;
import dev.tocsin.stream.source.UplinkMessage;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReadOnlyBroadcastState;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the site changes of the profiles' rules, kept as text in broadcast state and parsed once a subtask. A rule set
 * that cannot be read, or is older than the one that is there, is counted and not taken.
 */
final class SiteRules {
    static final MapStateDescriptor<String, String> STATE =
            new MapStateDescriptor<>("site-rules", String.class, String.class);

    private static final Logger LOG = LoggerFactory.getLogger(SiteRules.class);

    private final Counter refused;
    /** Null until what an earlier run kept was read. */
    private @Nullable EffectiveRules rules;

    SiteRules(MetricGroup metrics) {
        refused = metrics.counter("ruleSetsRefused");
    }

    /**
     * Takes the payload of a {@code state/rules} topic; an empty one or an empty set drops the rule set.
     *
     * @return whether it changed anything
     */
    @SuppressWarnings("ReferenceEquality") // these themselves mean that nothing changed
    boolean learn(UplinkMessage message, BroadcastState<String, String> state) throws Exception {
        EffectiveRules known = rules(state);
        EffectiveRules after;
        try {
            after = known.after(message.topic(), message.payload());
        } catch (RuleSetException e) {
            refuse(String.valueOf(e.getMessage()));
            return false;
        }
        if (after == known) {
            return false;
        }
        String id = message.topic().substring(message.topic().lastIndexOf('/') + 1);
        if (after.find(id) == null) {
            state.remove(id);
        } else {
            state.put(id, new String(message.payload(), StandardCharsets.UTF_8));
        }
        rules = after;
        return true;
    }

    /** The profile with the rules that hold for one device. */
    EffectiveRules.Effective of(
            Profile profile, String device, Place place, ReadOnlyBroadcastState<String, String> state)
            throws Exception {
        return rules(state).of(profile, device, place.areas());
    }

    private EffectiveRules rules(ReadOnlyBroadcastState<String, String> state) throws Exception {
        if (rules == null) {
            EffectiveRules kept = EffectiveRules.NONE;
            for (Map.Entry<String, String> entry : state.immutableEntries()) {
                try {
                    kept = kept.with(RuleSet.parse(entry.getValue(), entry.getKey()));
                } catch (RuleSetException e) {
                    // Kept by an older version of this code, it may be one that this version does not take.
                    refuse(String.valueOf(e.getMessage()));
                }
            }
            rules = kept;
        }
        return rules;
    }

    private void refuse(String why) {
        LOG.warn("a rule set is not taken: {}", why);
        refused.inc();
    }
}
