package dev.tocsin.stream.detect;

import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.profile.ProfileException;
import java.util.Map;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReadOnlyBroadcastState;
import org.jspecify.annotations.Nullable;

/**
 * The built-in profiles, and over them those of the site, which are kept as JSON in broadcast state and parsed once a
 * subtask.
 */
public final class SiteProfiles {
    public static final MapStateDescriptor<String, String> STATE =
            new MapStateDescriptor<>("site-profiles", String.class, String.class);

    private final ProfileCatalog builtIn = ProfileCatalog.builtIn();
    private @Nullable ProfileCatalog catalog;

    SiteProfiles() {}

    /**
     * Takes the payload of a {@code state/profile} topic; an empty one drops the profile.
     *
     * @throws ProfileException naming what is wrong; the profile that was there stays
     */
    void learn(String topic, String json, BroadcastState<String, String> state) throws Exception {
        String id = topic.substring(topic.lastIndexOf('/') + 1);
        if (json.isEmpty()) {
            state.remove(id);
        } else {
            Profile.parse(json, topic);
            state.put(id, json);
        }
        catalog = null;
    }

    @Nullable
    Profile find(String id, ReadOnlyBroadcastState<String, String> state) throws Exception {
        if (catalog == null) {
            ProfileCatalog merged = builtIn;
            for (Map.Entry<String, String> entry : state.immutableEntries()) {
                merged = merged.with(Profile.parse(entry.getValue(), entry.getKey()));
            }
            catalog = merged;
        }
        return catalog.find(id);
    }
}
