package dev.tocsin.profiles.profile;

import java.util.List;
import java.util.StringJoiner;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An MQTT topic or CoAP path with places, each a level: {@code {device}} is the device's name, {@code {field}} the name
 * under which the payload, a bare value, is read, and {@code +} anything. Text before {@code {device}} in its level
 * belongs to the name, so that {@code shellyflood-{device}} takes the names that begin so.
 */
public final class SourcePattern {
    /** So that a path is within what one CoAP message may have of options, each level being one. */
    public static final int MAX_LEVELS = 32;

    private static final int MAX_CHARACTERS = 256;
    private static final Pattern LITERAL = Pattern.compile("[^{}+#\\x00]*");
    private static final String DEVICE = "{device}";
    private static final String FIELD = "{field}";

    private final String text;
    private final String[] levels;
    /** Of a level with the device's name, the text before it. */
    private final @Nullable String[] beforeDevice;

    /**
     * What the places stood for.
     *
     * @param device as written in the source, not yet a legal id; null where the pattern has no such place
     */
    public record Match(@Nullable String device, @Nullable String field) {}

    private SourcePattern(String text) {
        this.text = text;
        this.levels = levelsOf(text);
        this.beforeDevice = new String[levels.length];
        for (int i = 0; i < levels.length; i++) {
            if (levels[i].endsWith(DEVICE)) {
                beforeDevice[i] = levels[i].substring(0, levels[i].length() - DEVICE.length());
            }
        }
    }

    /** @throws IllegalArgumentException saying which level cannot be read, or what is too long */
    public static SourcePattern of(String text) {
        SourcePattern pattern = new SourcePattern(text);
        if (text.isEmpty() || text.length() > MAX_CHARACTERS || pattern.levels.length > MAX_LEVELS) {
            throw new IllegalArgumentException(
                    "a pattern has 1 to " + MAX_CHARACTERS + " characters in at most " + MAX_LEVELS + " levels");
        }
        for (String level : pattern.levels) {
            String literal = level.endsWith(DEVICE) ? level.substring(0, level.length() - DEVICE.length()) : level;
            if (!level.equals(FIELD)
                    && !level.equals("+")
                    && !LITERAL.matcher(literal).matches()) {
                throw new IllegalArgumentException("level '" + level + "' is neither text, {device}, {field} nor +");
            }
        }
        for (String place : List.of(DEVICE, FIELD)) {
            if (text.indexOf(place) != text.lastIndexOf(place)) {
                throw new IllegalArgumentException(place + " stands twice in '" + text + "'");
            }
        }
        return pattern;
    }

    /** The MQTT subscription that brings every message of this pattern. */
    public String filter() {
        StringJoiner filter = new StringJoiner("/");
        for (String level : levels) {
            filter.add(level.endsWith(DEVICE) || level.equals(FIELD) ? "+" : level);
        }
        return filter.toString();
    }

    /** Whether a source is of this pattern, and what its places stand for. */
    public @Nullable Match match(String source) {
        return match(levelsOf(source));
    }

    /** A source as {@link #match(String[])} takes it: one that is held against many patterns is taken apart once. */
    public static String[] levelsOf(String source) {
        return source.split("/", -1);
    }

    /** As {@link #match(String)}. */
    public @Nullable Match match(String[] given) {
        if (given.length != levels.length) {
            return null;
        }
        String device = null;
        String field = null;
        for (int i = 0; i < levels.length; i++) {
            String before = beforeDevice[i];
            if (before != null) {
                if (!given[i].startsWith(before) || given[i].length() == before.length()) {
                    return null;
                }
                device = given[i];
            } else if (levels[i].equals(FIELD)) {
                field = given[i];
            } else if (!levels[i].equals("+") && !levels[i].equals(given[i])) {
                return null;
            }
        }
        return new Match(device, field);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SourcePattern pattern && pattern.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
