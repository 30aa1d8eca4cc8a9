package dev.tocsin.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.NullNode;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** One browser: keeps its cookie and CSRF token, and may open the live stream. */
final class Browser {
    static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    final String base;
    String cookie;
    String csrf;

    record Answer(int status, JsonNode body, HttpResponse<String> response) {
        String code() {
            return body.path("error").path("code").asText();
        }

        String where() {
            return body.path("error").path("where").asText();
        }
    }

    /** The frames of one live connection. */
    static final class Live implements WebSocket.Listener {
        final List<JsonNode> frames = new CopyOnWriteArrayList<>();
        volatile int closeCode;
        private final StringBuilder text = new StringBuilder();
        WebSocket socket;

        @Override
        public CompletionStage<?> onText(WebSocket webSocket, CharSequence data, boolean last) {
            text.append(data);
            if (last) {
                try {
                    frames.add(JSON.readTree(text.toString()));
                } catch (java.io.IOException e) {
                    throw new IllegalStateException(e);
                }
                text.setLength(0);
            }
            webSocket.request(1);
            return null;
        }

        @Override
        public CompletionStage<?> onClose(WebSocket webSocket, int statusCode, String reason) {
            closeCode = statusCode;
            return null;
        }

        List<JsonNode> of(String type) {
            return frames.stream()
                    .filter(f -> f.get("type").asText().equals(type))
                    .toList();
        }

        /** The newest view of an alert in any frame. */
        JsonNode alert(String id) {
            JsonNode newest = NullNode.instance;
            for (JsonNode frame : frames) {
                for (JsonNode alert : frame.path("alerts")) {
                    if (alert.get("id").asText().equals(id)) {
                        newest = alert;
                    }
                }
            }
            return newest;
        }

        long seq() {
            return frames.stream()
                    .filter(f -> f.has("seq"))
                    .mapToLong(f -> f.get("seq").asLong())
                    .max()
                    .orElse(0);
        }
    }

    Browser(String base) {
        this.base = base;
    }

    Browser login(String user, String password) throws Exception {
        Answer answer = tryLogin(user, password);
        if (answer.status() != 200) {
            throw new IllegalStateException(answer.status() + " " + answer.body());
        }
        return this;
    }

    Answer tryLogin(String user, String password) throws Exception {
        Answer answer = send(
                "POST",
                "/api/v1/login",
                JSON.createObjectNode()
                        .put("user", user)
                        .put("password", password)
                        .toString());
        if (answer.status() == 200) {
            cookie = answer.response()
                    .headers()
                    .firstValue("set-cookie")
                    .orElseThrow()
                    .split(";")[0];
            csrf = answer.body().get("csrf").asText();
        }
        return answer;
    }

    Answer get(String path) throws Exception {
        return send("GET", path, null);
    }

    Answer post(String path, String body) throws Exception {
        return send("POST", path, body);
    }

    Answer send(String method, String path, String body, String... headers) throws Exception {
        return send("application/json", method, path, body, headers);
    }

    /** YAML, which has no type that the contract's library knows. */
    Answer sendText(String method, String path, String body) throws Exception {
        return send("text/plain", method, path, body, new String[0]);
    }

    private Answer send(String type, String method, String path, String body, String[] headers) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", type);
        }
        if (cookie != null) {
            request.header("Cookie", cookie);
        }
        if (csrf != null) {
            request.header("X-Tocsin-Csrf", csrf);
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        HttpResponse<String> response = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        boolean json = response.headers().firstValue("content-type").orElse("").startsWith("application/json");
        return new Answer(response.statusCode(), json ? JSON.readTree(response.body()) : NullNode.instance, response);
    }

    Live live(String query) throws Exception {
        return live(query, base);
    }

    Live live(String query, String origin) throws Exception {
        return live("/api/v1/live", query, origin);
    }

    Live live(String path, String query, String origin) throws Exception {
        Live live = new Live();
        WebSocket.Builder builder = http.newWebSocketBuilder().header("Origin", origin);
        if (cookie != null) {
            builder.header("Cookie", cookie);
        }
        live.socket = builder.buildAsync(URI.create(base.replace("http", "ws") + path + query), live)
                .get();
        return live;
    }
}
