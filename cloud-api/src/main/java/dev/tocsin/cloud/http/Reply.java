package dev.tocsin.cloud.http;

import org.jspecify.annotations.Nullable;

/**
 * What an operation answers, where it is more than 200 with JSON.
 *
 * @param text already written
 * @param cookie of the session: its new value, empty to remove it, null to leave it
 */
public record Reply(
        int status,
        String contentType,
        String text,
        @Nullable String cookie) {
    private static final String JSON = "application/json";

    static Reply of(@Nullable Object answer) {
        if (answer instanceof Reply reply) {
            return reply;
        }
        return answer == null ? new Reply(204, JSON, "", null) : new Reply(200, JSON, Json.write(answer), null);
    }

    public static Reply text(String text) {
        return new Reply(200, "text/plain; charset=utf-8", text, null);
    }

    public static Reply json(Object body, String cookie) {
        return new Reply(200, JSON, Json.write(body), cookie);
    }

    public static Reply loggedOut() {
        return new Reply(204, JSON, "", "");
    }
}
