package dev.tocsin.cloud.live;

import dev.tocsin.cloud.devices.Registry;
import dev.tocsin.cloud.devices.RegistryImage;
import dev.tocsin.cloud.devices.SiteRules;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.GatewayTrouble;
import dev.tocsin.profiles.detect.Rule;
import dev.tocsin.profiles.profile.LocalText;
import dev.tocsin.profiles.profile.Profile;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Gives an alert the names that people know. Safe for any thread. */
public final class AlertNames {
    private static final LocalText SILENCE = new LocalText("Device silent", "设备失联");
    private static final LocalText PRESENCE = new LocalText("Gateway offline", "网关离线");
    private static final String PRESENCE_RULE = "gateway/presence";
    /** Of a gateway's outputs; the name follows. */
    private static final String OUTPUT_RULES = "gateway/output.";

    private final Registry registry;
    private final SiteRules rules;

    public AlertNames(Registry registry, SiteRules rules) {
        this.registry = registry;
        this.rules = rules;
    }

    public AlertView view(Alert alert, @Nullable Acknowledged acknowledged, Instant receivedAt) {
        RegistryImage image = registry.image();
        return new AlertView(
                alert,
                nameOf(alert.rule()),
                image.nameOf(alert.device()),
                image.areaNames(alert.place().areas()),
                acknowledged,
                receivedAt);
    }

    /** Whether a rule is about a device that is no longer heard. */
    static boolean isSilence(String rule) {
        return rule.endsWith("/silence") || rule.equals(PRESENCE_RULE);
    }

    private LocalText nameOf(String rule) {
        if (rule.equals(PRESENCE_RULE)) {
            return PRESENCE;
        }
        if (rule.startsWith(OUTPUT_RULES)) {
            String output = rule.substring(OUTPUT_RULES.length());
            return new LocalText("Output " + output + " cannot be driven", "输出 " + output + " 无法驱动");
        }
        GatewayTrouble trouble = GatewayTrouble.of(rule);
        if (trouble != null) {
            return trouble.text();
        }
        int slash = rule.indexOf('/');
        Profile profile = slash < 0 ? null : registry.profiles().find(rule.substring(0, slash));
        if (profile != null) {
            for (Rule one : profile.rules()) {
                if (one.id().equals(rule)) {
                    return one.name();
                }
            }
        }
        LocalText ownName = rules.nameOf(rule);
        if (ownName != null) {
            return ownName;
        }
        return isSilence(rule) ? SILENCE : LocalText.of(rule);
    }
}
