package dev.tocsin.profiles.command;

import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.profile.LocalText;
import dev.tocsin.profiles.reading.Limits;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What became of a command, on the gateway's {@code reply} lane. {@link Result#ACCEPTED} says that it is on the agent's
 * disk and about to be carried out; one of the others follows, once.
 *
 * @param command its id
 * @param text for people, absent where the result says it all
 * @param data what was asked for, by name; {@link #MAX_DATA_CHARACTERS} together at most
 * @param received when the agent took the command, by its own clock
 * @param at of this reply, by the agent's clock
 */
public record CommandReply(
        String command,
        Result result,
        @Nullable LocalText text,
        Map<String, String> data,
        Instant received,
        Instant at) {

    /** A reply must pass every broker between here and there. */
    public static final int MAX_DATA_CHARACTERS = 60_000;

    private static final int MAX_BYTES = 256 * 1024;

    /** Where a command stands. */
    public enum Result {
        ACCEPTED,
        DONE,
        FAILED,
        /** Its deadline had passed, and it was not carried out. */
        EXPIRED
    }

    public CommandReply {
        Command.id(command);
        if (result == null) {
            throw new IllegalArgumentException("result is missing");
        }
        Limits.instant("received", received);
        Limits.instant("at", at);
        data = data == null ? Map.of() : Map.copyOf(data);
        int characters = data.entrySet().stream()
                .mapToInt(entry -> entry.getKey().length() + entry.getValue().length())
                .sum();
        if (characters > MAX_DATA_CHARACTERS) {
            throw new IllegalArgumentException(
                    "data has " + characters + " characters; " + MAX_DATA_CHARACTERS + " may be");
        }
    }

    /** @throws IllegalArgumentException naming what is wrong */
    public static CommandReply read(byte[] json) {
        if (json.length > MAX_BYTES) {
            throw new IllegalArgumentException(json.length + " bytes are no reply; " + MAX_BYTES + " may be");
        }
        return DesiredJson.read(json, CommandReply.class);
    }
}
