package dev.tocsin.profiles.command;

import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.reading.Limits;
import dev.tocsin.profiles.wire.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One thing that a gateway is to do once, on {@link Topics#command}. It may be delivered any number of times; it is
 * carried out at most once, and never after its deadline.
 *
 * @param id of {@link Topics#ID}; what makes it the same command
 * @param issued when somebody asked for it
 * @param deadline after {@code issued}, by {@link #LONGEST} at most
 * @param device whom it is about; of {@link Kind#DEVICE} required, of {@link Kind#RESET} too
 * @param arguments as {@link Kind} says; at most {@link #MAX_ARGUMENTS}, each value {@link Limits#WORDS} long at most
 */
public record Command(
        String id,
        Kind kind,
        Instant issued,
        Instant deadline,
        @Nullable String device,
        Map<String, String> arguments) {

    /** So long a command may wait for its gateway. */
    public static final Duration LONGEST = Duration.ofHours(24);

    public static final int MAX_ARGUMENTS = 16;
    /** A message that is longer is no command. */
    public static final int MAX_BYTES = 32 * 1024;

    /** What can be asked for. */
    public enum Kind {
        /**
         * Outputs fall silent for the alerts that stand; a new one sounds. Arguments: {@code output} (default all),
         * {@code minutes} 1 to 1440 after which what still stands sounds again (default never).
         */
        SILENCE,
        /**
         * Tries the spool, both brokers and the clock. Argument {@code outputs}: {@code true} drives each output that
         * sounds for drills, for three seconds.
         */
        SELF_TEST,
        /** Lets go of what the latching rules of a device hold. Argument {@code rule}: that one only. */
        RESET,
        /** What the agent runs with, without secrets. */
        READ_CONFIGURATION,
        /** Argument {@code level} (error, warn, info, debug, trace), {@code minutes} 1 to 1440 (default 15). */
        LOG_LEVEL,
        /** The newest lines of the log, the metrics and the status, without secrets. */
        DIAGNOSTICS,
        /** The agent ends in order and is started again by whoever supervises it. */
        RESTART,
        /** A command of the device's profile. Arguments: {@code command}, its name; {@code value}, where it has one. */
        DEVICE;

        /** Whether it makes no sense without a device. */
        public boolean needsDevice() {
            return this == RESET || this == DEVICE;
        }
    }

    public Command {
        id(id);
        if (kind == null) {
            throw new IllegalArgumentException("kind is missing");
        }
        Limits.instant("issued", issued);
        Limits.instant("deadline", deadline);
        if (!deadline.isAfter(issued) || deadline.isAfter(issued.plus(LONGEST))) {
            throw new IllegalArgumentException(
                    "deadline " + deadline + " is not within " + LONGEST.toHours() + " h after " + issued);
        }
        if (device != null && !Topics.ID.matcher(device).matches()) {
            throw new IllegalArgumentException("device '" + device + "' does not match " + Topics.ID.pattern());
        }
        if (device == null && kind.needsDevice()) {
            throw new IllegalArgumentException(kind + " needs a device");
        }
        arguments = arguments == null ? Map.of() : arguments;
        if (arguments.size() > MAX_ARGUMENTS) {
            throw new IllegalArgumentException(arguments.size() + " arguments; " + MAX_ARGUMENTS + " may be");
        }
        arguments.forEach((name, value) -> {
            Limits.text("arguments", name, Limits.TEXT);
            Limits.text("arguments." + name, value, Limits.WORDS);
        });
        arguments = Map.copyOf(arguments);
    }

    /** @throws IllegalArgumentException naming what is wrong */
    public static Command read(byte[] json) {
        if (json.length > MAX_BYTES) {
            throw new IllegalArgumentException(json.length + " bytes are no command; " + MAX_BYTES + " may be");
        }
        return DesiredJson.read(json, Command.class);
    }

    static void id(@Nullable String id) {
        if (id == null || !Topics.ID.matcher(id).matches()) {
            throw new IllegalArgumentException("id '" + id + "' does not match " + Topics.ID.pattern());
        }
    }

    /** The argument, or what holds without it. */
    public String argument(String name, String otherwise) {
        return arguments.getOrDefault(name, otherwise);
    }

    /**
     * A number among the arguments.
     *
     * @throws IllegalArgumentException when it is none, or not within the range
     */
    public int number(String name, int otherwise, int min, int max) {
        String text = arguments.get(name);
        if (text == null) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text.trim());
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException e) {
            // The message below says the same for both.
        }
        throw new IllegalArgumentException(name + " '" + text + "' is not a whole number from " + min + " to " + max);
    }
}
