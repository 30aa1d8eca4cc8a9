package dev.tocsin.standalone.officer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** A duty officer's live connection: keeps the newest revision of every alert, as the console does. Thread-safe. */
public final class LiveClient implements WebSocket.Listener, AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Map<String, JsonNode> alerts = new ConcurrentHashMap<>();
    private final Map<String, Long> deviceSeenNanos = new ConcurrentHashMap<>();
    private final List<JsonNode> rivers = new CopyOnWriteArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private final WebSocket socket;

    public LiveClient(Api loggedIn) {
        URI uri = URI.create(loggedIn.base().replace("http", "ws") + "/api/v1/live");
        socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .header("Cookie", loggedIn.cookie())
                .header("Origin", loggedIn.base())
                .buildAsync(uri, this)
                .join();
    }

    public Map<String, JsonNode> alerts() {
        return alerts;
    }

    /** When the first alert of the device was on the screen, by {@link System#nanoTime}; absent until then. */
    public @Nullable Long deviceSeenNanos(String device) {
        return deviceSeenNanos.get(device);
    }

    /** The alerts of one device, newest revision each. */
    public List<JsonNode> of(String device) {
        return alerts.values().stream()
                .filter(a -> a.get("device").asText().equals(device))
                .toList();
    }

    /** The newest word on the river; absent before the first beat. */
    public @Nullable JsonNode river() {
        return rivers.isEmpty() ? null : rivers.get(rivers.size() - 1);
    }

    @Override
    public @Nullable CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
        text.append(data);
        if (last) {
            take(text.toString());
            text.setLength(0);
        }
        webSocket.request(1);
        return null;
    }

    private void take(String message) {
        try {
            JsonNode frame = JSON.readTree(message);
            for (JsonNode alert : frame.path("alerts")) {
                String id = alert.get("id").asText();
                deviceSeenNanos.putIfAbsent(alert.get("device").asText(), System.nanoTime());
                alerts.merge(
                        id,
                        alert,
                        (old, fresh) -> fresh.get("revision").asLong()
                                        >= old.get("revision").asLong()
                                ? fresh
                                : old);
            }
            if (frame.has("river")) {
                rivers.add(frame.get("river"));
            }
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the live stream sent no JSON: " + message, e);
        }
    }

    @Override
    public void close() {
        socket.abort();
    }
}
