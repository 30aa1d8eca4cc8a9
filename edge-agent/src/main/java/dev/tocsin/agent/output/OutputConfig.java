package dev.tocsin.agent.output;

import dev.tocsin.profiles.config.Settings;
import dev.tocsin.profiles.settings.GatewaySettings;
import dev.tocsin.profiles.settings.SettingsException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The gateway's own settings.
 *
 * @param file from which they come, whether or not it is there
 * @param own what it says; nothing where there is no such file
 */
public record OutputConfig(Path file, GatewaySettings own) {

    /** @param data folder in which the file lies by default */
    public static OutputConfig from(Settings settings, Path data) {
        String named = settings.optional("outputs.file");
        Path file = named == null ? data.resolve("outputs.yaml") : Path.of(named);
        if (named == null && !Files.exists(file)) {
            return new OutputConfig(file, GatewaySettings.NONE);
        }
        try {
            return new OutputConfig(
                    file,
                    GatewaySettings.parse(
                            Files.readString(file), file.toString(), GatewaySettings.Origin.GATEWAY_FILE));
        } catch (IOException e) {
            settings.refuse("--outputs.file: " + file + " cannot be read: " + e.getMessage());
        } catch (SettingsException e) {
            settings.refuse("--outputs.file: " + e.getMessage());
        }
        return new OutputConfig(file, GatewaySettings.NONE);
    }
}
