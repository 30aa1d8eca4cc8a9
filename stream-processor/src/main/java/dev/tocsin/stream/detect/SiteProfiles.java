package dev.tocsin.stream.detect;

import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.profile.ProfileException;
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
 * The built-in profiles, and over them those of the site, which are kept as JSON in broadcast state and parsed once a
 * subtask. One that cannot be read is counted and not taken; what was there before stays.
 */
final class SiteProfiles {
    static final MapStateDescriptor<String, String> STATE =
            new MapStateDescriptor<>("site-profiles", String.class, String.class);

    private static final Logger LOG = LoggerFactory.getLogger(SiteProfiles.class);

    private final ProfileCatalog builtIn = ProfileCatalog.builtIn();
    private final Counter bad;
    private @Nullable ProfileCatalog catalog;

    SiteProfiles(MetricGroup metrics) {
        bad = metrics.counter("profilesBad");
    }

    /**
     * Takes the payload of a {@code state/profile} topic; an empty one drops the profile.
     *
     * @return whether it changed anything
     */
    boolean learn(UplinkMessage message, BroadcastState<String, String> state) throws Exception {
        String topic = message.topic();
        String id = topic.substring(topic.lastIndexOf('/') + 1);
        String json = new String(message.payload(), StandardCharsets.UTF_8);
        String before = state.get(id);
        if (json.isEmpty()) {
            state.remove(id);
        } else if (json.equals(before) || parse(json, topic) == null) {
            return false;
        } else {
            state.put(id, json);
        }
        catalog = null;
        return true;
    }

    @Nullable
    Profile find(String id, ReadOnlyBroadcastState<String, String> state) throws Exception {
        if (catalog == null) {
            ProfileCatalog merged = builtIn;
            for (Map.Entry<String, String> entry : state.immutableEntries()) {
                // Kept by an older version of this code, it may be one that this version does not take.
                Profile profile = parse(entry.getValue(), entry.getKey());
                merged = profile == null ? merged : merged.with(profile);
            }
            catalog = merged;
        }
        return catalog.find(id);
    }

    private @Nullable Profile parse(String json, String name) {
        try {
            return Profile.parse(json, name);
        } catch (ProfileException e) {
            LOG.warn("a site profile is not taken: {}", e.getMessage());
            bad.inc();
            return null;
        }
    }
}
