package dev.tocsin.cloud.commands;

import dev.tocsin.profiles.command.Command;
import dev.tocsin.profiles.profile.LocalText;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A command as it stands.
 *
 * @param data what the gateway told beside its text; absent in lists
 * @param repliedAt by the gateway's clock
 */
record StoredCommand(
        String id,
        String gateway,
        @Nullable String device,
        Command.Kind kind,
        Map<String, String> arguments,
        Instant issued,
        Instant deadline,
        String by,
        String displayName,
        State state,
        @Nullable LocalText text,
        @Nullable Map<String, String> data,
        @Nullable Instant repliedAt) {

    /** Where it stands. */
    enum State {
        /** Nobody has answered yet. */
        WAITING,
        ACCEPTED,
        DONE,
        FAILED,
        /** Its deadline passed before the gateway had it, or before anybody heard of it again. */
        EXPIRED
    }

    Command command() {
        return new Command(id, kind, issued, deadline, device, arguments);
    }
}
