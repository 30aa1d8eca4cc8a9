package dev.tocsin.agent.command;

import dev.tocsin.profiles.profile.LocalText;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What a command that was carried out has to tell. */
record Outcome(boolean done, @Nullable LocalText text, Map<String, String> data) {
    static final Outcome DONE = new Outcome(true, null, Map.of());

    static Outcome done(String en, String zh) {
        return new Outcome(true, new LocalText(en, zh), Map.of());
    }

    static Outcome done(Map<String, String> data) {
        return new Outcome(true, null, data);
    }

    static Outcome failed(String en, String zh) {
        return new Outcome(false, new LocalText(en, zh), Map.of());
    }
}
