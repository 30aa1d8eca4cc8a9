package dev.tocsin.profiles.desired;

import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.reading.Limits;
import java.util.List;

/**
 * What the registry wants a gateway and the stream to know of it: retained on
 * {@link dev.tocsin.profiles.wire.Topics#stateOfGateway}. A higher version replaces a lower one.
 *
 * @param place the gateway's own; a device without a place of its own stands there
 */
public record GatewayState(
        long version, String gateway, String name, Place place, Enrolment enrolment, List<EnrolledDevice> devices) {

    /** What becomes of a device that the registry does not have. */
    public enum Enrolment {
        /** It is taken under the profile that claims its topic, and reported as seen. */
        OPEN,
        /** Its readings are rejected and it is reported as seen. */
        CLOSED
    }

    /** One device of the gateway. */
    public record EnrolledDevice(String id, String profile, String name, Place place) {
        public EnrolledDevice {
            Limits.text("device", id, Limits.TEXT);
        }
    }

    public GatewayState {
        devices = List.copyOf(devices);
    }
}
