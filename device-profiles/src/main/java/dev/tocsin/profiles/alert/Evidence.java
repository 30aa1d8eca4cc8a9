package dev.tocsin.profiles.alert;

import dev.tocsin.profiles.reading.Quality;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The readings that prove an alert, oldest first.
 *
 * @param limit the threshold that was crossed, in the metric's unit (a rate of rise: units a minute); absent where the
 *     rule has none, as for silence
 * @param readings at most {@link #MAX_READINGS}
 */
public record Evidence(@Nullable Double limit, Point[] readings) {
    public static final int MAX_READINGS = 16;
    public static final Evidence NONE = new Evidence(null, new Point[0]);

    /** One reading of the alert's metric. */
    public record Point(Instant at, double value, Quality quality) {}

    public Evidence {
        if (readings.length > MAX_READINGS) {
            throw new IllegalArgumentException("more than " + MAX_READINGS + " readings of evidence");
        }
        readings = readings.clone();
    }
}
