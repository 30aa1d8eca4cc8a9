package dev.tocsin.cloud.river;

import com.fasterxml.jackson.annotation.JsonValue;
import dev.tocsin.profiles.profile.LocalText;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What the strip in the console shows. */
public record River(State state, @Nullable Instant lastPulseAt, List<Part> parts) {

    /** Of the whole: dead is without a pulse for {@link RiverWatch#DEAD_AFTER}. */
    enum State {
        OK,
        DEGRADED,
        DEAD;

        @JsonValue
        String json() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** Of one part; unknown where another part's failure hides it. */
    enum Health {
        OK,
        LATE,
        DEAD,
        UNKNOWN;

        @JsonValue
        public String json() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** @param part as the contract names it */
    record Part(String part, Health state, @Nullable Instant lastSeenAt, LocalText detail) {}
}
