package dev.tocsin.profiles.profile;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How the bytes of a device's message become readings. */
public sealed interface CodecSpec {

    /**
     * What must be in a message for it to be of this profile when the registry does not know the device: names of
     * metrics for SenML, JSON pointers for JSON. Empty for the profile that takes what no other recognises.
     */
    List<String> recognise();

    /**
     * SenML of RFC 8428, JSON or CBOR.
     *
     * @param children whether names are {@code child/metric}, the messages being those of a concentrator
     */
    record SenMl(boolean children, List<String> recognise) implements CodecSpec {
        public SenMl {
            recognise = List.copyOf(recognise);
        }
    }

    /**
     * The fields of a JSON message.
     *
     * @param device JSON pointer to the device's id, for a source that does not name it; null where it always does
     * @param devices JSON pointer to an object whose keys are the devices' ids; null where the source names the device
     * @param time the message's own time, where it has one
     * @param secret JSON pointers to what may be kept nowhere
     */
    record Json(
            @Nullable String device,
            @Nullable String devices,
            List<Field> fields,
            @Nullable Time time,
            List<String> recognise,
            List<String> secret)
            implements CodecSpec {
        public Json {
            fields = List.copyOf(fields);
            recognise = List.copyOf(recognise);
            secret = List.copyOf(secret);
        }
    }

    /**
     * One field that becomes a reading where it is present: {@code value * scale + offset}.
     *
     * @param path JSON pointer, from the device's part of the message
     * @param words values for texts and for {@code true} and {@code false}, when not 1 and 0
     * @param unknown values by which the device says that it has none; no reading
     * @param fault values by which the device says that its sensor is broken; a reading of quality SENSOR_FAULT
     */
    record Field(
            String metric,
            String path,
            Map<String, Double> words,
            double scale,
            double offset,
            List<Double> unknown,
            List<Double> fault) {
        public Field {
            words = Map.copyOf(words);
            unknown = List.copyOf(unknown);
            fault = List.copyOf(fault);
        }
    }

    /** Where the message has its own time; null there means that the device's clock is not set. */
    record Time(String path, TimeFormat format) {}

    /** How a time is written. */
    enum TimeFormat {
        /** Seconds since 1970, with a fraction. */
        EPOCH_S,
        /** Milliseconds since 1970. */
        EPOCH_MS,
        /** ISO 8601 with an offset, or of UTC where none is given; a number is EPOCH_MS, as zigbee2mqtt can be set. */
        ISO
    }
}
