package dev.tocsin.profiles.detect;

import java.util.Arrays;

/** What a series usually is at a time of day: a fading mean for each half hour, with straight lines between. */
final class DayCurve {
    static final int BINS = 48;

    private static final long DAY_MS = 86_400_000;
    /** A bin forgets over 30 of its rows: five days at one a five minutes, a month at one an hour. */
    private static final double RATE = 1.0 / 30;

    private DayCurve() {}

    static float[] unknown() {
        float[] curve = new float[BINS];
        Arrays.fill(curve, Float.NaN);
        return curve;
    }

    /** The usual value at that time, NaN where none of the two nearest bins is known. */
    static double at(float[] curve, long atMs) {
        double place = place(atMs) - 0.5 + BINS;
        int before = (int) place % BINS;
        int after = (before + 1) % BINS;
        double part = place - (int) place;
        if (Float.isNaN(curve[before])) {
            return curve[after];
        }
        return Float.isNaN(curve[after]) ? curve[before] : curve[before] * (1 - part) + curve[after] * part;
    }

    /** Learns a value; {@code rows} is the number of values learned so far, over all bins. */
    static void learn(float[] curve, long atMs, double value, int rows) {
        int bin = (int) place(atMs) % BINS;
        if (Float.isNaN(curve[bin])) {
            curve[bin] = (float) value;
        } else {
            // The rows of one bin are not counted: an even share of all will do for the first days.
            double rate = Math.max(RATE, 1 / (1 + (double) rows / BINS));
            curve[bin] += (float) (rate * (value - curve[bin]));
        }
    }

    /** In bins since midnight UTC, from 0 to under {@link #BINS}. */
    private static double place(long atMs) {
        return (double) Math.floorMod(atMs, DAY_MS) / DAY_MS * BINS;
    }
}
