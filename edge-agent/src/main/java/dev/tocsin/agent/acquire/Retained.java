package dev.tocsin.agent.acquire;

import dev.tocsin.profiles.codec.Decoding;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import java.util.List;

/**
 * A retained message that a broker hands out at a subscription says what was, at a time that nobody knows unless the
 * message tells: such readings are marked as old.
 */
final class Retained {
    private Retained() {}

    static Decoding told(Decoding decoding, boolean retained) {
        if (!retained || !(decoding instanceof Decoding.Decoded decoded)) {
            return decoding;
        }
        List<Reading> readings = decoded.readings().stream()
                .map(reading -> reading.observedAtMs() == reading.receivedAtMs()
                                && reading.quality().mayAlarm()
                        ? reading.with(Quality.STALE)
                        : reading)
                .toList();
        return new Decoding.Decoded(
                decoded.profile(), decoded.replayed(), decoded.enrolled(), readings, decoded.refused());
    }
}
