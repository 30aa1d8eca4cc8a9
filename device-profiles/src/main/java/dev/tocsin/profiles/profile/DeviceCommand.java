package dev.tocsin.profiles.profile;

import java.util.regex.Pattern;

/**
 * Something that devices of a profile can be told.
 *
 * @param name among the commands of its profile
 * @param target an MQTT topic, or a path of the device's own CoAP server; {@code {device}} in it stands for the device
 * @param payload {@code {value}} in it stands for what the caller gives, which is then required
 */
public record DeviceCommand(String name, LocalText label, Way way, String target, String payload) {
    /** What a caller may put into a payload: nothing that could end a JSON string or begin another field. */
    public static final Pattern VALUE = Pattern.compile("[A-Za-z0-9 ._:+-]{1,64}");

    private static final String DEVICE_PLACE = "{device}";
    private static final String VALUE_PLACE = "{value}";

    /** How it goes there. */
    public enum Way {
        MQTT,
        COAP_PUT,
        COAP_POST
    }

    public boolean takesValue() {
        return payload.contains(VALUE_PLACE);
    }

    public String targetOf(String device) {
        return target.replace(DEVICE_PLACE, device);
    }

    /** @throws IllegalArgumentException when the value is missing, superfluous or has other characters than it may */
    public String payloadWith(String value) {
        if (!takesValue()) {
            if (!value.isEmpty()) {
                throw new IllegalArgumentException("the command " + name + " takes no value");
            }
            return payload;
        }
        if (!VALUE.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "value '" + value + "' of the command " + name + " does not match " + VALUE.pattern());
        }
        return payload.replace(VALUE_PLACE, value);
    }
}
