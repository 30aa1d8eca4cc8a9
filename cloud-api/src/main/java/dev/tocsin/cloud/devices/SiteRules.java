package dev.tocsin.cloud.devices;

import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.profile.LocalText;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.site.EffectiveRules.Effective;
import org.jspecify.annotations.Nullable;

/** The rules that hold for devices, after what the site changed of them. Answers from memory. */
public interface SiteRules {
    Effective of(Profile profile, String device, Place place);

    /** Id of the rule set in force that had the last word on a rule of that version; null where a profile had. */
    @Nullable
    String setOf(int ruleVersion);

    /** What people call a rule of the site's own, also when it has ended; null where there never was one. */
    @Nullable
    LocalText nameOf(String rule);
}
