package dev.tocsin.standalone.officer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The HTTP API as a console uses it: a cookie and a CSRF token after login. For one thread. */
public final class Api {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final String base;
    private @Nullable String cookie;
    private @Nullable String csrf;

    /** What came back. */
    public record Answer(int status, JsonNode body) {}

    public Api(String base) {
        this.base = base;
    }

    public String base() {
        return base;
    }

    public Api login(String user, String password) throws IOException, InterruptedException {
        HttpResponse<String> response =
                send("POST", "/api/v1/login", JSON.writeValueAsString(Map.of("user", user, "password", password)));
        if (response.statusCode() != 200) {
            throw new IOException("login of " + user + ": " + response.statusCode() + " " + response.body());
        }
        cookie = response.headers().firstValue("set-cookie").orElseThrow().split(";", 2)[0];
        csrf = JSON.readTree(response.body()).get("csrf").asText();
        return this;
    }

    public String cookie() {
        return cookie == null ? "" : cookie;
    }

    public Answer get(String path) throws IOException, InterruptedException {
        return answer(send("GET", path, null));
    }

    public Answer post(String path, Map<String, ?> body) throws IOException, InterruptedException {
        return change("POST", path, body);
    }

    /** @param body nothing for a method that has none */
    public Answer change(String method, String path, @Nullable Map<String, ?> body)
            throws IOException, InterruptedException {
        return answer(send(method, path, body == null ? null : JSON.writeValueAsString(body)));
    }

    private static Answer answer(HttpResponse<String> response) throws IOException {
        return new Answer(response.statusCode(), JSON.readTree(response.body()));
    }

    private HttpResponse<String> send(String method, String path, @Nullable String body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .method(
                        method,
                        body == null ? HttpRequest.BodyPublishers.noBody() : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        if (cookie != null) {
            request.header("Cookie", cookie);
        }
        if (csrf != null) {
            request.header("X-Tocsin-Csrf", csrf);
        }
        return http.send(request.build(), HttpResponse.BodyHandlers.ofString());
    }
}
