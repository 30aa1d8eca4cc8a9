package dev.tocsin.profiles.codec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tocsin.profiles.codec.Harvest.UnreadableException;
import dev.tocsin.profiles.reading.Rejected.Reason;

/**
 * The body of a CoIoT status message, as Shelly devices of the first generation send it, as an object for the JSON
 * codec: {@code {"G":[[0,3101,21.5],[0,3111,86]]}} becomes {@code {"3101":21.5,"3111":86}}. What a number measures, the
 * device's own description ({@code /cit/d}) says and the profile repeats.
 */
final class CoIoT {
    private static final String STATUS = "G";
    /** Channel, number of the sensor, value. */
    private static final int PARTS = 3;

    private CoIoT() {}

    static JsonNode fields(JsonNode body) throws UnreadableException {
        JsonNode status = body.path(STATUS);
        if (!status.isArray()) {
            throw new UnreadableException(Reason.MALFORMED, "a CoIoT status is an object with the list G");
        }
        ObjectNode fields = JsonNodeFactory.instance.objectNode();
        int i = 0;
        for (JsonNode entry : status) {
            String at = "/G/" + i++;
            if (!entry.isArray() || entry.size() != PARTS || !entry.get(1).isIntegralNumber()) {
                throw new UnreadableException(Reason.MALFORMED, at + " is no [channel, sensor, value]");
            }
            String sensor = entry.get(1).asText();
            if (fields.has(sensor)) {
                throw new UnreadableException(Reason.MALFORMED, at + ": sensor " + sensor + " stands there twice");
            }
            fields.set(sensor, entry.get(2));
        }
        return fields;
    }
}
