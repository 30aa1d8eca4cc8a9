package dev.tocsin.profiles.profile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One object of a file that people write, in YAML or JSON. What is wrong is added to the list of errors, each as {@code
 * /path/in/the/file: what is wrong}, and a stand-in returned.
 */
public final class Part {
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})(ms|s|m|h|d)");
    /** From the smallest on. */
    private static final List<TimeUnit> UNITS = List.of(
            new TimeUnit("ms", 1),
            new TimeUnit("s", 1_000),
            new TimeUnit("m", 60_000),
            new TimeUnit("h", 3_600_000),
            new TimeUnit("d", 86_400_000));

    /** What is longer was not written by hand. */
    private static final int MAX_CHARACTERS = 256 * 1024;
    /** What is deeper is none of ours; the scanner of YAML looks at every open level with every token. */
    private static final int MAX_DEPTH = 32;
    /** That are told of one text: each of many empty entries would make a dozen. */
    private static final int MAX_ERRORS = 32;

    private static final ObjectMapper YAML = YAMLMapper.builder(YAMLFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(MAX_DEPTH)
                            .build())
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private final ObjectNode node;
    private final String path;
    private final Errors errors;
    private final Set<String> asked = new HashSet<>();

    private record TimeUnit(String name, long ms) {}

    /** Those found so far; one more than may be told ends the reading. */
    private record Errors(List<String> found, int max) {
        void add(String error) {
            if (found.size() == max) {
                found.add("/: more is wrong than these " + max);
                throw new EnoughErrors();
            }
            found.add(error);
        }
    }

    private static final class EnoughErrors extends RuntimeException {
        private static final long serialVersionUID = 1L;

        EnoughErrors() {
            super(null, null, false, false);
        }
    }

    private Part(ObjectNode node, String path, Errors errors) {
        this.node = node;
        this.path = path;
        this.errors = errors;
    }

    /**
     * Reads the whole file, and no further than to the error after the {@value #MAX_ERRORS} that are told.
     *
     * @param reading makes something of its object
     * @return what {@code reading} does; null where the text is no object, or the reading was ended
     */
    public static <T> @Nullable T read(String text, List<String> errors, Function<Part, @Nullable T> reading) {
        try {
            Part root = root(text, new Errors(errors, MAX_ERRORS));
            return root == null ? null : reading.apply(root);
        } catch (EnoughErrors e) {
            return null;
        }
    }

    /** The whole file, whose good parts are used whatever the others are; null after an error. JSON is YAML too. */
    public static @Nullable Part root(String text, List<String> errors) {
        return root(text, new Errors(errors, Integer.MAX_VALUE));
    }

    private static @Nullable Part root(String text, Errors errors) {
        if (text.length() > MAX_CHARACTERS) {
            errors.add("/: longer than " + MAX_CHARACTERS + " characters");
            return null;
        }
        try {
            if (YAML.readTree(text) instanceof ObjectNode object) {
                return new Part(object, "", errors);
            }
            errors.add("/: is not an object");
        } catch (JsonProcessingException e) {
            errors.add("/: not readable: " + e.getMessage());
        }
        return null;
    }

    public void error(String key, String what) {
        errors.add((key.isEmpty() ? (path.isEmpty() ? "/" : path) : path + "/" + key) + ": " + what);
    }

    public boolean has(String key) {
        return node.hasNonNull(key);
    }

    public List<String> keys() {
        List<String> keys = new ArrayList<>();
        node.fieldNames().forEachRemaining(keys::add);
        asked.addAll(keys);
        return keys;
    }

    public String text(String key) {
        JsonNode value = required(key);
        if (value != null && !value.isTextual()) {
            error(key, "is not a text: " + value);
        }
        return value == null ? "" : value.asText();
    }

    public @Nullable String optionalText(String key) {
        asked.add(key);
        return has(key) ? text(key) : null;
    }

    public double number(String key) {
        JsonNode value = required(key);
        if (value != null && (!value.isNumber() || !Double.isFinite(value.doubleValue()))) {
            error(key, "is not a number: " + value);
        }
        return value == null ? 0 : value.asDouble();
    }

    public double number(String key, double fallback) {
        asked.add(key);
        return has(key) ? number(key) : fallback;
    }

    public int wholeFromOne(String key) {
        JsonNode value = required(key);
        if (value != null && !(value.canConvertToInt() && value.isIntegralNumber() && value.intValue() >= 1)) {
            error(key, "is not a whole number from 1: " + value);
        }
        return value == null ? 0 : value.asInt();
    }

    public boolean flag(String key, boolean fallback) {
        asked.add(key);
        JsonNode value = node.get(key);
        if (value == null || value.isBoolean()) {
            return value == null ? fallback : value.booleanValue();
        }
        error(key, "is neither true nor false: " + value);
        return fallback;
    }

    /** {@code 500ms}, {@code 10s}, {@code 5m}, {@code 24h}, {@code 7d}. */
    public long durationMs(String key, long fallbackMs) {
        asked.add(key);
        if (!has(key)) {
            return fallbackMs;
        }
        Matcher matcher = DURATION.matcher(node.get(key).asText());
        if (!matcher.matches()) {
            error(key, "is not a duration such as 500ms, 10s, 5m, 24h or 7d: " + node.get(key));
            return fallbackMs;
        }
        long unitMs = UNITS.stream()
                .filter(unit -> unit.name().equals(matcher.group(2)))
                .findFirst()
                .orElseThrow()
                .ms();
        return Long.parseLong(matcher.group(1)) * unitMs;
    }

    /** A duration as {@link #durationMs} reads it: in its largest whole unit, or a long one would be too long to read. */
    static String duration(long ms) {
        TimeUnit largest = UNITS.get(0);
        for (TimeUnit unit : UNITS) {
            largest = ms % unit.ms() == 0 ? unit : largest;
        }
        return ms / largest.ms() + largest.name();
    }

    /** An instant with its offset, {@code 2026-11-30T12:00:00+08:00} or {@code ...Z}; null where there is none. */
    public @Nullable Instant optionalInstant(String key) {
        String text = optionalText(key);
        try {
            return text == null || text.isEmpty()
                    ? null
                    : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeParseException e) {
            error(key, "'" + text + "' is no time such as 2026-11-30T12:00:00+08:00");
            return null;
        }
    }

    public <E extends Enum<E>> @Nullable E choice(String key, Class<E> type) {
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

    public LocalText localText(String key) {
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

    public List<String> texts(String key) {
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

    public List<Double> numbers(String key) {
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

    public @Nullable Part object(String key) {
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

    public @Nullable Part optionalObject(String key) {
        asked.add(key);
        return has(key) ? object(key) : null;
    }

    public List<Part> objects(String key) {
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
    public void end() {
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
