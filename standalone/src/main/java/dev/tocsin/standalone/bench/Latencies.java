package dev.tocsin.standalone.bench;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** Durations of one kind, in nanoseconds. For one thread. */
final class Latencies {
    private final List<Long> nanos = new ArrayList<>();
    private int missing;

    void add(long durationNanos) {
        nanos.add(durationNanos);
    }

    /** Something that never arrived; it is counted, never left out of sight. */
    void addMissing() {
        missing++;
    }

    private double quantileMs(double quantile) {
        List<Long> sorted = new ArrayList<>(nanos);
        Collections.sort(sorted);
        int index = (int) Math.ceil(quantile * sorted.size()) - 1;
        return sorted.get(Math.max(0, index)) / 1e6;
    }

    @Override
    public String toString() {
        if (nanos.isEmpty()) {
            return "none arrived of " + missing;
        }
        return String.format(
                Locale.ROOT,
                "p50 %.1f ms, p99 %.1f ms, max %.1f ms (%d alerts, %d missing)",
                quantileMs(0.5),
                quantileMs(0.99),
                quantileMs(1),
                nanos.size(),
                missing);
    }
}
