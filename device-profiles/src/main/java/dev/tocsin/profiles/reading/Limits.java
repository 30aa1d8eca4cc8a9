package dev.tocsin.profiles.reading;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a message from outside may hold at all, looked at once, where it is read: whoever comes after can turn an instant
 * into milliseconds, a row or ISO 8601 without a second look. Each check throws {@link IllegalArgumentException} naming
 * the field.
 */
public final class Limits {
    /** Characters of an id, a name of a metric or a unit; more than any of them needs, less than an index entry holds. */
    public static final int TEXT = 256;
    /** Characters of what people wrote. */
    public static final int WORDS = 1_024;
    /** Years 0001 to 9999, which every database and every ISO 8601 reader knows. */
    public static final Instant EARLIEST = Instant.parse("0001-01-01T00:00:00Z");

    public static final Instant LATEST = Instant.parse("9999-12-31T23:59:59.999Z");
    private static final long EARLIEST_MS = EARLIEST.toEpochMilli();
    private static final long LATEST_MS = LATEST.toEpochMilli();

    private Limits() {}

    public static void text(String field, @Nullable String text, int longest) {
        if (text == null) {
            throw new IllegalArgumentException(field + " is missing");
        }
        if (text.length() > longest) {
            throw new IllegalArgumentException(field + " has " + text.length() + " characters; " + longest + " may be");
        }
    }

    public static void instant(String field, @Nullable Instant at) {
        if (at == null) {
            throw new IllegalArgumentException(field + " is missing");
        }
        if (at.isBefore(EARLIEST) || at.isAfter(LATEST)) {
            throw new IllegalArgumentException(field + " " + at + " is not within the years 0001 to 9999");
        }
    }

    public static void millis(String field, long atMs) {
        if (atMs < EARLIEST_MS || atMs > LATEST_MS) {
            throw new IllegalArgumentException(field + " " + atMs + " ms is not within the years 0001 to 9999");
        }
    }
}
