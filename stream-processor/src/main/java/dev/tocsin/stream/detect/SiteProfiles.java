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
public final class SiteProfiles {
    public static final MapStateDescriptor<String, String> STATE =
            new MapStateDescriptor<>("site-profiles", String.class, String.class);

    private static final Logger LOG = LoggerFactory.getLogger(SiteProfiles.class);

    private final ProfileCatalog builtIn = ProfileCatalog.builtIn();
    private final Counter bad;
    private final Counter unknown;
    private @Nullable ProfileCatalog catalog;

    SiteProfiles(MetricGroup metrics) {
        bad = metrics.counter("profilesBad");
        unknown = metrics.counter("readingsOfUnknownProfile");
    }

    /** Takes the payload of a {@code state/profile} topic; an empty one drops the profile. */
    void learn(UplinkMessage message, BroadcastState<String, String> state) throws Exception {
        String topic = message.topic();
        String id = topic.substring(topic.lastIndexOf('/') + 1);
        String json = new String(message.payload(), StandardCharsets.UTF_8);
        if (json.isEmpty()) {
            state.remove(id);
        } else if (parse(json, topic) == null) {
            return;
        } else {
            state.put(id, json);
        }
        catalog = null;
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

    /** The profile of a batch; where nobody has it, its readings are counted. */
    @Nullable
    Profile find(String id, int readings, ReadOnlyBroadcastState<String, String> state) throws Exception {
        Profile profile = find(id, state);
        if (profile == null) {
            unknown.inc(readings);
        }
        return profile;
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
