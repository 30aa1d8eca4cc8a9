package dev.tocsin.profiles.settings;

import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.reading.Limits;

/**
 * The settings that the cloud wants a gateway to run with, retained on
 * {@link dev.tocsin.profiles.wire.Topics#stateOfSettings}. A higher version replaces a lower one.
 *
 * @param text as somebody wrote it, in YAML; empty for none
 */
public record SettingsState(long version, String gateway, String text) {
    public static final int MAX_TEXT = 64 * 1024;

    public SettingsState {
        Limits.text("gateway", gateway, Limits.TEXT);
        Limits.text("text", text, MAX_TEXT);
    }

    /** @throws IllegalArgumentException naming what is wrong */
    public static SettingsState read(byte[] json) {
        return DesiredJson.read(json, SettingsState.class);
    }
}
