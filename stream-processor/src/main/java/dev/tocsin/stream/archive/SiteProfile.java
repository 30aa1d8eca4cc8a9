package dev.tocsin.stream.archive;

import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileException;
import dev.tocsin.stream.source.UplinkMessage;
import java.nio.charset.StandardCharsets;

/**
 * What the store keeps of a profile that the site has of its own.
 *
 * @param version 0 for a profile that the site has no more
 * @param reportIntervalMs 0 where only events make such a device talk
 */
public record SiteProfile(String id, int version, long reportIntervalMs) {

    /**
     * Reads the retained message of a {@code state/profile} topic; an empty one drops the profile.
     *
     * @throws IllegalArgumentException when it is no profile, or another than the topic says
     */
    static SiteProfile of(UplinkMessage message) {
        String topic = message.topic();
        String id = topic.substring(topic.lastIndexOf('/') + 1);
        if (message.payload().length == 0) {
            return new SiteProfile(id, 0, 0);
        }
        Profile profile;
        try {
            profile = Profile.parse(new String(message.payload(), StandardCharsets.UTF_8), topic);
        } catch (ProfileException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
        if (!profile.id().equals(id)) {
            throw new IllegalArgumentException(topic + " brings the profile " + profile.id());
        }
        return new SiteProfile(id, profile.version(), profile.reportIntervalMs());
    }

    boolean isDropped() {
        return version == 0;
    }
}
