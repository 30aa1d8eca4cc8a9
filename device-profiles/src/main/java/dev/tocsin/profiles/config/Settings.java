package dev.tocsin.profiles.config;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads one process's configuration once: {@code --key=value} before environment before default. A key
 * {@code broker.url} is {@code TOCSIN_BROKER_URL} in the environment. Every error is collected and all are thrown
 * together by {@link #finish}. For one thread.
 */
public final class Settings {
    private final Map<String, String> arguments = new LinkedHashMap<>();
    private final Map<String, String> environment;
    private final List<String> errors = new ArrayList<>();
    private final Map<String, Key> asked = new LinkedHashMap<>();

    /** One key as it was asked for, so that the documentation can be checked against the code. */
    public record Key(String name, String unit, String defaultValue, String range) {
        /** Its name in the environment. */
        public String variable() {
            return Settings.variable(name);
        }
    }

    /** All that is wrong with a configuration, a line each. */
    public static final class InvalidException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        InvalidException(List<String> errors) {
            super("configuration:\n  " + String.join("\n  ", errors));
        }
    }

    public Settings(String[] arguments, Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (!argument.startsWith("--") || equals < 3) {
                errors.add("'" + argument + "' is not of the form --key=value");
            } else {
                this.arguments.put(argument.substring(2, equals), argument.substring(equals + 1));
            }
        }
    }

    public String text(String key, String defaultValue) {
        String value = raw(new Key(key, "text", defaultValue, "any"));
        return value == null ? defaultValue : value;
    }

    /** A key without which the process cannot run. */
    public String required(String key) {
        String value = raw(new Key(key, "text", "required", "any"));
        if (value == null || value.isBlank()) {
            errors.add(named(key) + " is required");
            return "";
        }
        return value;
    }

    public @Nullable String optional(String key) {
        return raw(new Key(key, "text", "none", "any"));
    }

    public Path path(String key, String defaultValue) {
        return Path.of(text(key, defaultValue));
    }

    public int integer(String key, String unit, int defaultValue, int min, int max) {
        return (int) whole(key, unit, defaultValue, min, max);
    }

    /** Whole numbers, both ends allowed. */
    public long whole(String key, String unit, long defaultValue, long min, long max) {
        String value = raw(new Key(key, unit, Long.toString(defaultValue), min + " to " + max));
        if (value == null) {
            return defaultValue;
        }
        try {
            long number = Long.parseLong(value.trim());
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // The message below says the same for both.
        }
        errors.add(
                named(key) + " = '" + value + "' is not a whole number from " + min + " to " + max + " (" + unit + ")");
        return defaultValue;
    }

    public Duration millis(String key, long defaultMs, long minMs, long maxMs) {
        return Duration.ofMillis(whole(key, "ms", defaultMs, minMs, maxMs));
    }

    public boolean flag(String key, boolean defaultValue) {
        String value = raw(new Key(key, "true or false", Boolean.toString(defaultValue), "true, false"));
        if (value == null) {
            return defaultValue;
        }
        if (!value.equals("true") && !value.equals("false")) {
            errors.add(named(key) + " = '" + value + "' is neither true nor false");
        }
        return Boolean.parseBoolean(value);
    }

    public <E extends Enum<E>> E choice(String key, Class<E> type, E defaultValue) {
        List<String> names = new ArrayList<>();
        for (E constant : type.getEnumConstants()) {
            names.add(constant.name().toLowerCase(Locale.ROOT));
        }
        String value =
                raw(new Key(key, "name", defaultValue.name().toLowerCase(Locale.ROOT), String.join(", ", names)));
        if (value == null) {
            return defaultValue;
        }
        if (!names.contains(value)) {
            errors.add(named(key) + " = '" + value + "' is none of " + String.join(", ", names));
            return defaultValue;
        }
        return Enum.valueOf(type, value.toUpperCase(Locale.ROOT));
    }

    /** What is wrong with keys that do not go together; {@link #finish} says it with the rest. */
    public void refuse(String problem) {
        errors.add(problem);
    }

    /** @throws InvalidException naming every unknown argument and every bad value */
    public void finish() {
        TreeSet<String> unknown = new TreeSet<>(arguments.keySet());
        unknown.removeAll(asked.keySet());
        for (String key : unknown) {
            errors.add("--" + key + " is no key of this process");
        }
        if (!errors.isEmpty()) {
            throw new InvalidException(errors);
        }
    }

    /** What a key that was asked for is set to; nothing where its default holds. */
    public @Nullable String given(Key key) {
        String argument = arguments.get(key.name());
        return argument != null ? argument : environment.get(key.variable());
    }

    /** The keys that were asked for, in that order. */
    public List<Key> keys() {
        return List.copyOf(asked.values());
    }

    private @Nullable String raw(Key key) {
        asked.put(key.name(), key);
        return given(key);
    }

    private static String named(String key) {
        return "--" + key + " (" + variable(key) + ")";
    }

    private static String variable(String key) {
        return "TOCSIN_" + key.toUpperCase(Locale.ROOT).replace('.', '_').replace('-', '_');
    }
}
