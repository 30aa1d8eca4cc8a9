package dev.tocsin.profiles.codec;

import java.util.Map;

/**
 * One message as it came from a sensor.
 *
 * @param address the MQTT topic, or the CoAP path without a leading slash
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
        MQTT,
        COAP
    }

    public Incoming {
        properties = Map.copyOf(properties);
    }

    /** Where it entered, as {@link dev.tocsin.profiles.reading.Rejected#source} has it. */
    public String source() {
        return transport == Transport.MQTT ? "mqtt:" + address : "coap:/" + address;
    }
}
