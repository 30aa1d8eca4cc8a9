package dev.tocsin.profiles.profile;

import org.jspecify.annotations.Nullable;

/**
 * One thing that a device measures.
 *
 * @param unit SenML name of the unit, or empty for a state that is 1 or 0
 * @param min smallest value that can be true, in {@code unit}
 * @param max largest value that can be true; above what a fire reaches, because a value outside may not alarm
 * @param step how fast the value can change, where physics says so
 * @param stuckAfterMs for how long a healthy sensor may tell one and the same value; 0 for ever, otherwise
 *     {@link #MIN_STUCK_AFTER_MS} to {@link #MAX_STUCK_AFTER_MS}
 */
public record Metric(
        String name,
        String unit,
        LocalText label,
        double min,
        double max,
        @Nullable Step step,
        long stuckAfterMs) {
    /** Long enough for every alarm that a steady value can be: what is stuck raises none. */
    public static final long MIN_STUCK_AFTER_MS = 3_600_000;

    public static final long MAX_STUCK_AFTER_MS = 30L * 86_400_000;

    /**
     * What lies beyond is a glitch unless the next sample says the same.
     *
     * @param floor in the metric's unit: resolution and noise, allowed at any distance in time
     * @param risePerSecond in the metric's unit a second
     * @param fallPerSecond in the metric's unit a second
     */
    public record Step(double floor, double risePerSecond, double fallPerSecond) {
        public Step {
            if (!(floor >= 0 && risePerSecond > 0 && fallPerSecond > 0)) {
                throw new IllegalArgumentException("a step is negative");
            }
        }
    }

    public Metric {
        if (!(min < max)) {
            throw new IllegalArgumentException(name + ": min " + min + " is not below max " + max);
        }
        if (stuckAfterMs != 0 && (stuckAfterMs < MIN_STUCK_AFTER_MS || stuckAfterMs > MAX_STUCK_AFTER_MS)) {
            throw new IllegalArgumentException(
                    name + ": stuck after " + stuckAfterMs + " ms is not within 1 h to 30 d");
        }
    }
}
