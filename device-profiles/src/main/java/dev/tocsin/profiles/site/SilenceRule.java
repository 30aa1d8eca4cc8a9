package dev.tocsin.profiles.site;

import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.profile.Profile;

/**
 * When a device counts as silent. It stands beside the rules of the profile, because no reading decides it: whoever
 * would hear the device does.
 *
 * @param profile whose id it is
 * @param version of the profile, or of the newest rule set that had a say
 * @param afterMs time without a word, of that in which one could hear; 0 for never
 * @param suspendedUntilMs wall clock; before it nobody is called silent, 0 for nothing
 */
public record SilenceRule(String profile, int version, long afterMs, Severity severity, long suspendedUntilMs) {
    /** What no rule of the site's own may be called. */
    static final String NAME = "silence";

    public static String idOf(String profile) {
        return profile + "/" + NAME;
    }

    static SilenceRule of(Profile profile) {
        return new SilenceRule(profile.id(), profile.version(), profile.silentAfterMs(), Severity.MINOR, 0);
    }

    /** {@code PROFILE/silence}. */
    public String id() {
        return idOf(profile);
    }

    public boolean suspendsAt(long atMs) {
        return atMs < suspendedUntilMs;
    }
}
