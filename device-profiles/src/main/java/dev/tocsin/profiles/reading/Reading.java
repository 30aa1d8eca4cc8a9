package dev.tocsin.profiles.reading;

import java.util.Objects;

/**
 * One value that one device measured.
 *
 * @param device the device's id, as the registry has it
 * @param metric the metric's name in the device's profile
 * @param value in the metric's one unit; a contact, a motion, a button is 1 or 0
 * @param observedAtMs event time, decided once by the agent; milliseconds since 1970-01-01T00:00Z
 * @param receivedAtMs when the agent received it
 */
public record Reading(
        String device, String metric, double value, long observedAtMs, long receivedAtMs, Quality quality) {
    public Reading {
        Objects.requireNonNull(device, "device");
        Objects.requireNonNull(metric, "metric");
        Objects.requireNonNull(quality, "quality");
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException(device + " " + metric + ": value is not finite: " + value);
        }
    }

    public Reading with(Quality judged) {
        return judged == quality ? this : new Reading(device, metric, value, observedAtMs, receivedAtMs, judged);
    }
}
