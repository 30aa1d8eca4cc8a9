package dev.tocsin.stream.life;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Evidence;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.correlate.CorrelationRules.Chattering;
import dev.tocsin.stream.life.Claim.Holder;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Claims on one matter, a heat in the hall, as tests make them. */
final class Claims {
    static final Place HALL = new Place(new String[] {"district", "grid-7"}, "Hall", null, null);
    static final long NOW_MS = 1_800_000_000_000L;
    /** Three raises in a minute; over after a quiet one. */
    static final Chattering CHATTERING = new Chattering(3, 60_000, 60_000, 900_000);

    private Claims() {}

    static Claim raise(Holder holder, String id, long onsetMs) {
        return claim(holder, id, AlertState.ACTIVE, onsetMs, null, false, HALL);
    }

    static Claim clear(Holder holder, String id, long onsetMs, long clearedMs) {
        return claim(holder, id, AlertState.CLEARED, onsetMs, clearedMs, false, HALL);
    }

    static Claim claim(
            Holder holder,
            String id,
            AlertState state,
            long onsetMs,
            @Nullable Long clearedMs,
            boolean drill,
            Place place) {
        Instant onset = Instant.ofEpochMilli(onsetMs);
        Instant cleared = clearedMs == null ? null : Instant.ofEpochMilli(clearedMs);
        Alert alert = new Alert(
                id,
                0,
                state,
                "p/hot",
                1,
                AlertKind.ALARM,
                Severity.CRITICAL,
                "gw-1",
                "hall-3",
                place,
                "temperature",
                58,
                "Cel",
                onset,
                cleared == null ? onset : cleared,
                cleared,
                false,
                drill,
                Evidence.NONE);
        return new Claim(holder, alert, NOW_MS + 100);
    }
}
