package dev.tocsin.agent.judge;

import dev.tocsin.agent.desired.Registry;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.site.EffectiveRules.Effective;
import org.jspecify.annotations.Nullable;

/** By which rules a device is judged: its profile's with what the site changed of them; of a stranger the alarms alone. */
final class RulesInForce {
    private final Registry registry;
    private final Strangers strangers;

    RulesInForce(Registry registry, Strangers strangers) {
        this.registry = registry;
        this.strangers = strangers;
    }

    /**
     * By what a device is judged that was last judged as {@code judgedAs}; nothing where it is nobody's, or of no profile
     * that is known.
     */
    @Nullable
    Effective of(String device, String judgedAs) {
        String enrolledAs = registry.profileOf(device);
        boolean stranger = enrolledAs == null && !registry.open();
        if (stranger && !strangers.isRemembered(device)) {
            return null;
        }
        Profile profile = registry.catalog().find(enrolledAs == null ? judgedAs : enrolledAs);
        if (profile == null) {
            return null;
        }
        return stranger ? ofStranger(device, profile) : of(device, profile);
    }

    Effective of(String device, Profile profile) {
        return registry.rulesOf(profile, device);
    }

    Effective ofStranger(String device, Profile profile) {
        Effective rules = registry.rulesOf(profile, device);
        return new Effective(
                rules.profile()
                        .withRules(rules.profile().rules().stream()
                                .filter(rule -> rule.kind() == AlertKind.ALARM)
                                .toList()),
                rules.silence(),
                rules.mark());
    }
}
