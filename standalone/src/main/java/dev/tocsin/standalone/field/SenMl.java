package dev.tocsin.standalone.field;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tocsin.profiles.profile.Metric;
import dev.tocsin.profiles.profile.Profile;
import java.util.Map;

/** SenML JSON packs (RFC 8428) as our own devices send them on {@code sensors/{device}}. */
public final class SenMl {
    private static final ObjectMapper JSON = new ObjectMapper();

    private SenMl() {}

    /**
     * One pack: one time, several metrics of the profile.
     *
     * @param atMs time of the pack, milliseconds since 1970
     */
    public static byte[] pack(Profile profile, long atMs, Map<String, Double> values) {
        return pack(profile, Map.of(atMs, values));
    }

    /** One pack of several times, milliseconds since 1970, each with its metrics. */
    public static byte[] pack(Profile profile, Map<Long, Map<String, Double>> valuesByTime) {
        ArrayNode pack = JSON.createArrayNode();
        valuesByTime.forEach((atMs, values) -> values.forEach((metric, value) -> {
            ObjectNode record = pack.addObject();
            record.put("n", metric);
            Metric known = profile.metrics().get(metric);
            if (known != null && !known.unit().isEmpty()) {
                record.put("u", known.unit());
            }
            record.put("v", value);
            record.put("t", atMs / 1000.0);
        }));
        try {
            return JSON.writeValueAsBytes(pack);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a SenML pack cannot be written", e);
        }
    }
}
