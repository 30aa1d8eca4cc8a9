package dev.tocsin.profiles.settings;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway is set to: from the cloud, and from a file of its own.
 *
 * @param logLevel error, warn, info, debug or trace; null leaves it as the process was started
 * @param outputs at most {@link #MAX_OUTPUTS}, each name once
 * @param addresses where the CoAP server of a device is, {@code coap://host:port}, by device
 */
public record GatewaySettings(@Nullable String logLevel, List<Output> outputs, Map<String, String> addresses) {
    public static final int MAX_OUTPUTS = 32;
    public static final GatewaySettings NONE = new GatewaySettings(null, List.of(), Map.of());

    /** Who wrote it. */
    public enum Origin {
        CLOUD,
        GATEWAY_FILE
    }

    public GatewaySettings {
        outputs = List.copyOf(outputs);
        addresses = Map.copyOf(addresses);
    }

    /**
     * @param text YAML, may be blank
     * @param sourceName how errors name it
     * @param origin only the gateway's own file may name programs
     * @throws SettingsException naming all that is wrong; of very much, the first of it
     */
    public static GatewaySettings parse(String text, String sourceName, Origin origin) throws SettingsException {
        return SettingsReader.read(text, sourceName, origin);
    }

    /** Both together; of one name, what the gateway's own file says counts. */
    public GatewaySettings under(GatewaySettings own) {
        Map<String, Output> byName = new LinkedHashMap<>();
        outputs.forEach(output -> byName.put(output.name(), output));
        own.outputs.forEach(output -> byName.put(output.name(), output));
        Map<String, String> everywhere = new LinkedHashMap<>(addresses);
        everywhere.putAll(own.addresses);
        return new GatewaySettings(
                own.logLevel == null ? logLevel : own.logLevel, List.copyOf(byName.values()), everywhere);
    }
}
