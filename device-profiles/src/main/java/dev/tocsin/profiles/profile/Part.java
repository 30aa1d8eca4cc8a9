package dev.tocsin.profiles.profile;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One object of a profile's file. What is wrong is added to the list of errors, and a stand-in returned. */
final class Part {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");

    private final ObjectNode node;
    private final String path;
    private final List<String> errors;
    private final Set<String> asked = new HashSet<>();

    Part(ObjectNode node, String path, List<String> errors) {
        this.node = node;
        this.path = path;
        this.errors = errors;
    }

    void error(String key, String what) {
        errors.add((key.isEmpty() ? (path.isEmpty() ? "/" : path) : path + "/" + key) + ": " + what);
    }

    boolean has(String key) {
        return node.hasNonNull(key);
    }

    List<String> keys() {
        List<String> keys = new ArrayList<>();
        node.fieldNames().forEachRemaining(keys::add);
        asked.addAll(keys);
        return keys;
    }

    String text(String key) {
        JsonNode value = required(key);
        if (value != null && !value.isTextual()) {
            error(key, "is not a text: " + value);
        }
        return value == null ? "" : value.asText();
    }

    @Nullable
    String optionalText(String key) {
        asked.add(key);
        return has(key) ? text(key) : null;
    }

    double number(String key) {
        JsonNode value = required(key);
        if (value != null && (!value.isNumber() || !Double.isFinite(value.doubleValue()))) {
            error(key, "is not a number: " + value);
        }
        return value == null ? 0 : value.asDouble();
    }

    double number(String key, double fallback) {
        asked.add(key);
        return has(key) ? number(key) : fallback;
    }

    int wholeFromOne(String key) {
        JsonNode value = required(key);
        if (value != null && !(value.canConvertToInt() && value.isIntegralNumber() && value.intValue() >= 1)) {
            error(key, "is not a whole number from 1: " + value);
        }
        return value == null ? 0 : value.asInt();
    }

    boolean flag(String key, boolean fallback) {
        asked.add(key);
        JsonNode value = node.get(key);
        if (value == null || value.isBoolean()) {
            return value == null ? fallback : value.booleanValue();
        }
        error(key, "is neither true nor false: " + value);
        return fallback;
    }

    /** {@code 500ms}, {@code 10s}, {@code 5m}, {@code 24h}, {@code 7d}. */
    long durationMs(String key, long fallbackMs) {
        asked.add(key);
        if (!has(key)) {
            return fallbackMs;
        }
        Matcher matcher = DURATION.matcher(node.get(key).asText());
        if (!matcher.matches()) {
            error(key, "is not a duration such as 500ms, 10s, 5m, 24h or 7d: " + node.get(key));
            return fallbackMs;
        }
        long unitMs = switch (matcher.group(2)) {
            case "ms" -> 1;
            case "s" -> 1_000;
            case "m" -> 60_000;
            case "h" -> 3_600_000;
            default -> 86_400_000;
        };
        return Long.parseLong(matcher.group(1)) * unitMs;
    }

    <E extends Enum<E>> @Nullable E choice(String key, Class<E> type) {
        JsonNode value = required(key);
        if (value == null) {
            return null;
        }
        List<String> names = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            String name = constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
            if (name.equals(value.asText())) {
                return constant;
            }
            names.add(name);
        }
        error(key, value + " is none of " + String.join(", ", names));
        return null;
    }

    LocalText localText(String key) {
        Part part = object(key);
        if (part == null) {
            return LocalText.of("?");
        }
        String en = part.text("en");
        String zh = part.text("zh");
        part.end();
        if (en.isBlank() || zh.isBlank()) {
            error(key, "needs a text in en and in zh");
            return LocalText.of("?");
        }
        return new LocalText(en, zh);
    }

    List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        for (JsonNode item : array(key)) {
            if (item.isTextual()) {
                texts.add(item.textValue());
            } else {
                error(key, "holds something that is not a text: " + item);
            }
        }
        return texts;
    }

    List<Double> numbers(String key) {
        List<Double> numbers = new ArrayList<>();
        for (JsonNode item : array(key)) {
            if (item.isNumber()) {
                numbers.add(item.doubleValue());
            } else {
                error(key, "holds something that is not a number: " + item);
            }
        }
        return numbers;
    }

    @Nullable
    Part object(String key) {
        JsonNode value = required(key);
        if (value == null) {
            return null;
        }
        if (value instanceof ObjectNode object) {
            return new Part(object, path + "/" + key, errors);
        }
        error(key, "is not an object: " + value);
        return null;
    }

    @Nullable
    Part optionalObject(String key) {
        asked.add(key);
        return has(key) ? object(key) : null;
    }

    List<Part> objects(String key) {
        List<Part> parts = new ArrayList<>();
        int i = 0;
        for (JsonNode item : array(key)) {
            if (item instanceof ObjectNode object) {
                parts.add(new Part(object, path + "/" + key + "/" + i, errors));
            } else {
                error(key + "/" + i, "is not an object: " + item);
            }
            i++;
        }
        return parts;
    }

    /** To be called last: keys that nobody asked for are errors. */
    void end() {
        node.fieldNames().forEachRemaining(key -> {
            if (!asked.contains(key)) {
                error(key, "is no key that is known here");
            }
        });
    }

    private Iterable<JsonNode> array(String key) {
        asked.add(key);
        JsonNode value = node.get(key);
        if (value == null || value.isNull()) {
            return List.of();
        }
        if (!value.isArray()) {
            error(key, "is not a list: " + value);
            return List.of();
        }
        return value;
    }

    private @Nullable JsonNode required(String key) {
        asked.add(key);
        JsonNode value = node.get(key);
        if (value == null || value.isNull()) {
            error(key, "is missing");
            return null;
        }
        return value;
    }
}
