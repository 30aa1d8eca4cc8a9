package dev.tocsin.stream.detect;

import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.site.EffectiveRules.Effective;
import dev.tocsin.stream.ingest.PlacedReadings;

/**
 * What a timer, which has no readings in its hand, must know of its device.
 *
 * @param mark of the rules that it was last judged by
 * @param heardMs when the device was last heard, wall clock, to the hour
 */
public record Where(String gateway, Place place, String profile, long mark, long heardMs) {
    private static final long HOUR_MS = 3_600_000;

    static Where of(PlacedReadings placed, Effective rules, long nowMs) {
        return new Where(placed.gateway(), placed.place(), rules.profile().id(), rules.mark(), nowMs);
    }

    Where judgedBy(Effective rules) {
        return new Where(gateway, place, profile, rules.mark(), heardMs);
    }

    boolean isJudgedBy(Effective rules) {
        return profile.equals(rules.profile().id()) && mark == rules.mark();
    }

    /** Whether nothing changed that is worth writing down. */
    boolean stillHolds(PlacedReadings placed, Effective rules, long nowMs) {
        return isJudgedBy(rules)
                && gateway.equals(placed.gateway())
                && place.area().equals(placed.place().area())
                && nowMs - heardMs < HOUR_MS;
    }
}
