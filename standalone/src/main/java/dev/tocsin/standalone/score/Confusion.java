package dev.tocsin.standalone.score;

/** Rows by what was said and what was true, and SKAB's measures of them. */
record Confusion(int tp, int fp, int fn, int tn) {
    static final Confusion NONE = new Confusion(0, 0, 0, 0);

    /** Of rows from {@code from} on. */
    static Confusion of(boolean[] said, boolean[] is, int from) {
        int[] counts = new int[4];
        for (int row = from; row < is.length; row++) {
            counts[(said[row] ? 0 : 2) + (is[row] == said[row] ? 0 : 1)]++;
        }
        return new Confusion(counts[0], counts[1], counts[3], counts[2]);
    }

    Confusion plus(Confusion other) {
        return new Confusion(tp + other.tp, fp + other.fp, fn + other.fn, tn + other.tn);
    }

    /** Harmonic mean of precision and recall; 0 where nothing was or was found anomalous. */
    double f1() {
        return tp == 0 ? 0 : 2.0 * tp / (2 * tp + fp + fn);
    }

    /** Part of the normal rows that were called anomalous. */
    double falseAlarmRate() {
        return fp + tn == 0 ? 0 : fp / (double) (fp + tn);
    }

    /** Part of the anomalous rows that were called normal. */
    double missedAlarmRate() {
        return tp + fn == 0 ? 0 : fn / (double) (tp + fn);
    }
}
