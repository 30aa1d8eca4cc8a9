package dev.tocsin.agent.desired;

import dev.tocsin.profiles.config.Settings;
import java.time.Duration;

/**
 * How a new state is tried.
 *
 * @param lasts for so long the agent must run with it, healthy, before it is kept
 */
public record TrialConfig(Duration lasts) {
    public static TrialConfig from(Settings settings) {
        return new TrialConfig(settings.millis("state.trial", 30_000, 100, 600_000));
    }
}
