package dev.tocsin.profiles.detect;

import java.util.Arrays;

/**
 * How fast a value rises. Samples pass a median of three, so that a single wrong one, and the step back from it,
 * leave no trace; what is left is kept thinned to {@link #PLACES} over the window. The rate is the smallest one
 * between now and the kept samples from half a window to a whole one ago: a value that jumped and stays is a rise only
 * if the jump alone is one over the whole window. Before a whole window is known there is no rate, and after a gap of
 * more than a window it starts anew. Mutable, for one thread; a Flink POJO.
 */
public final class RiseMeter {
    static final int PLACES = 24;

    /** The last raw samples, newest last; {@link #raw} of them count. */
    public double[] rawValue = new double[3];

    public long[] rawAtMs = new long[3];
    public int raw;
    /** Thinned filtered samples, oldest first; {@link #kept} of them count. */
    public double[] keptValue = new double[0];

    public long[] keptAtMs = new long[0];
    public int kept;

    public RiseMeter() {}

    /**
     * Takes the next sample, not older than the one before it.
     *
     * @return units a minute; NaN as long as less than a whole window is known
     */
    double add(long atMs, double value, long windowMs) {
        if (raw > 0 && atMs - rawAtMs[raw - 1] > windowMs) {
            raw = 0;
            kept = 0;
        }
        if (raw == 3) {
            System.arraycopy(rawValue, 1, rawValue, 0, 2);
            System.arraycopy(rawAtMs, 1, rawAtMs, 0, 2);
            raw = 2;
        }
        rawValue[raw] = value;
        rawAtMs[raw++] = atMs;
        if (raw < 3) {
            return Double.NaN;
        }
        double filtered = median(rawValue[0], rawValue[1], rawValue[2]);
        // The median of three belongs to the middle of the three.
        long filteredAtMs = rawAtMs[1];
        double perMs = Double.NaN;
        if (kept > 0 && filteredAtMs - keptAtMs[0] >= windowMs) {
            for (int i = 0; i < kept && (filteredAtMs - keptAtMs[i]) * 2 >= windowMs; i++) {
                double slope = (filtered - keptValue[i]) / (filteredAtMs - keptAtMs[i]);
                perMs = Double.isNaN(perMs) ? slope : Math.min(perMs, slope);
            }
        }
        keep(filteredAtMs, filtered, windowMs);
        return perMs * 60_000;
    }

    private void keep(long atMs, double value, long windowMs) {
        if (keptAtMs.length == 0) {
            keptValue = new double[PLACES];
            keptAtMs = new long[PLACES];
        }
        if (kept > 0 && atMs - keptAtMs[kept - 1] < windowMs / (PLACES - 2)) {
            return;
        }
        int drop = 0;
        // One that is a window old or older stays, so that the whole window is known at any interval.
        while (kept - drop == PLACES || (drop + 1 < kept && atMs - keptAtMs[drop + 1] >= windowMs)) {
            drop++;
        }
        if (drop > 0) {
            System.arraycopy(keptValue, drop, keptValue, 0, kept - drop);
            System.arraycopy(keptAtMs, drop, keptAtMs, 0, kept - drop);
            kept -= drop;
        }
        keptValue[kept] = value;
        keptAtMs[kept++] = atMs;
    }

    private static double median(double a, double b, double c) {
        return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }

    @Override
    public String toString() {
        return "rise of " + Arrays.toString(Arrays.copyOf(keptValue, kept));
    }
}
