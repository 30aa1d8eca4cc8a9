package dev.tocsin.cloud.live;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tocsin.cloud.http.Json;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The text frames of the live WebSocket. Alerts come written: each is written once, for every client. */
final class Frames {
    private static final ObjectMapper READER = new ObjectMapper();

    private Frames() {}

    static String snapshot(long seq, Instant now, List<String> alerts, Object river, boolean complete, int omitted) {
        return "{\"type\":\"snapshot\",\"seq\":" + seq + ",\"serverTime\":\"" + now + "\",\"complete\":" + complete
                + ",\"omitted\":" + omitted + ",\"river\":" + Json.write(river) + ",\"alerts\":["
                + String.join(",", alerts) + "]}";
    }

    static String changes(long seq, Instant now, Collection<String> alerts) {
        return "{\"type\":\"changes\",\"seq\":" + seq + ",\"serverTime\":\"" + now + "\",\"alerts\":["
                + String.join(",", alerts) + "]}";
    }

    static String devices(Instant now, List<LiveHub.DeviceState> states) {
        return "{\"type\":\"devices\",\"serverTime\":\"" + now + "\",\"states\":" + Json.write(states) + "}";
    }

    static String beat(long seq, Instant now, Object river) {
        return "{\"type\":\"beat\",\"seq\":" + seq + ",\"serverTime\":\"" + now + "\",\"river\":" + Json.write(river)
                + "}";
    }

    /** The number of a resume frame; null for anything else. */
    static @Nullable Long resumeFrom(String text) {
        try {
            JsonNode frame = READER.readTree(text);
            boolean resume = frame != null
                    && frame.path("type").asText().equals("resume")
                    && frame.path("seq").canConvertToLong();
            return resume ? frame.path("seq").asLong() : null;
        } catch (JsonProcessingException e) {
            return null;
        }
    }
}
