package dev.tocsin.stream.detect;

import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.stream.ingest.PlacedReadings;

/**
 * What a timer, which has no readings in its hand, must know of its device.
 *
 * @param profileVersion the version its rules were last judged by
 * @param heardMs when the device was last heard, wall clock, to the hour
 */
public record Where(String gateway, Place place, String profile, int profileVersion, long heardMs) {
    private static final long HOUR_MS = 3_600_000;

    static Where of(PlacedReadings placed, Profile profile, long nowMs) {
        return new Where(placed.gateway(), placed.place(), profile.id(), profile.version(), nowMs);
    }

    boolean isJudgedBy(Profile current) {
        return profile.equals(current.id()) && profileVersion == current.version();
    }

    /** Whether nothing changed that is worth writing down. */
    boolean stillHolds(PlacedReadings placed, Profile current, long nowMs) {
        return isJudgedBy(current)
                && gateway.equals(placed.gateway())
                && place.area().equals(placed.place().area())
                && nowMs - heardMs < HOUR_MS;
    }
}
