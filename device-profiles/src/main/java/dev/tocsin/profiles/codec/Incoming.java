package dev.tocsin.profiles.codec;

import java.util.Map;

/**
 * One message as it came from a sensor.
 *
 * @param address the MQTT topic; the CoAP path without a leading slash; of a CoAP server that was asked {@code
 *     device/path}; of CoIoT {@code type-serial}, as in {@code SHHT-1-CA969F}
 * @param contentFormat the CoAP content format number, -1 where none was given
 * @param properties MQTT 5 user properties or CoAP query parameters; {@link #PROFILE} and {@link #REPLAY} have a meaning
 */
public record Incoming(
        Transport transport,
        String address,
        int contentFormat,
        byte[] payload,
        Map<String, String> properties,
        long receivedAtMs) {

    /** Under open enrolment a device may name its profile. */
    public static final String PROFILE = "tocsin-profile";
    /**
     * Present on messages that a replay published: their own times are kept and their alerts are drills. Taken only while
     * enrolment is open: where devices are known, nobody may turn their alarms into drills.
     */
    public static final String REPLAY = "tocsin-replay";

    /** How it came. */
    public enum Transport {
        MQTT("mqtt:"),
        /** The device sent it to the agent's CoAP server. */
        COAP("coap:/"),
        /** The device is a CoAP server itself; the agent asked it. */
        COAP_CLIENT("coap-client:"),
        /** The status message of a Shelly of the first generation. */
        COIOT("coiot:");

        private final String prefix;

        Transport(String prefix) {
            this.prefix = prefix;
        }
    }

    public Incoming {
        properties = Map.copyOf(properties);
    }

    /** Where it entered, as {@link dev.tocsin.profiles.reading.Rejected#source} has it. */
    public String source() {
        return transport.prefix + address;
    }
}
