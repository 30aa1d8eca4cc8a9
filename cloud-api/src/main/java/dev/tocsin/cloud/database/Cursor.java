package dev.tocsin.cloud.database;

import dev.tocsin.cloud.http.ApiException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;

/** Where a page of a list ends that is sorted by time and id; opaque to the client. */
public record Cursor(Instant at, String id) {

    public String toText() {
        String text = at + " " + id;
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** @param parameter that the text came in */
    public static Cursor parse(String text, String parameter) {
        try {
            String[] parts = new String(Base64.getUrlDecoder().decode(text), StandardCharsets.UTF_8).split(" ", 2);
            if (parts.length == 2) {
                return new Cursor(Instant.parse(parts[0]), parts[1]);
            }
        } catch (IllegalArgumentException | java.time.DateTimeException e) {
            // The message below says the same for all.
        }
        throw ApiException.invalid(
                parameter, "'" + text + "' is not the 'next' of a page of this list.", "翻页标记 “" + text + "” 无效。");
    }
}
