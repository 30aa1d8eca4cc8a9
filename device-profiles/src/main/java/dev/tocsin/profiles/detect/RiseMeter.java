package dev.tocsin.profiles.detect;

import java.util.Arrays;

/**
 * How fast a value rises. The past is kept as medians of three, each with its own time, thinned to {@link #PLACES} over
 * the window; a single sample that stands out leaves no trace there. The newest sample counts as it is, so that a real
 * rise is told by the sample that completes it, but by no more than {@link #ONE_SAMPLE} of the rise asked for beyond the
 * median of the last three: a wrong sample of any size, or the step back from it, moves the rate by that at most (bounded
 * influence: Huber, Annals of Mathematical Statistics 35, 1964). The rate is the smallest one between now and the kept
 * samples from half a window to a whole one ago: a value that jumped and stays is a rise only if the jump alone is one
 * over the whole window. Before a whole window is known there is no rate, and after a gap of more than a window it starts
 * anew. Mutable, for one thread; a Flink POJO.
 */
public final class RiseMeter {
    static final int PLACES = 24;

    /** What one sample may count for, as a share of the rise that is asked for; some times what noise does to it. */
    private static final double ONE_SAMPLE = 0.1;

    private static final long MINUTE_MS = 60_000;

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
     * @param limit units a minute that are asked for, above 0
     * @return units a minute; NaN as long as less than a whole window is known
     */
    double add(long atMs, double value, double limit, long windowMs) {
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
        int middle = middle();
        double filtered = rawValue[middle];
        double most = ONE_SAMPLE * limit * windowMs / MINUTE_MS;
        double newest = perMs(atMs, Math.max(filtered - most, Math.min(value, filtered + most)), windowMs);
        // Where samples are far apart, the one in the middle says more by its time than the newest may.
        double perMs = perMs(rawAtMs[middle], filtered, windowMs);
        keep(rawAtMs[middle], filtered, windowMs);
        return (newest > perMs || Double.isNaN(perMs) ? newest : perMs) * MINUTE_MS;
    }

    private double perMs(long nowMs, double now, long windowMs) {
        double perMs = Double.NaN;
        if (kept == 0 || nowMs - keptAtMs[0] < windowMs) {
            return perMs;
        }
        for (int i = 0; i < kept && (nowMs - keptAtMs[i]) * 2 >= windowMs; i++) {
            double slope = (now - keptValue[i]) / (nowMs - keptAtMs[i]);
            if (nowMs - keptAtMs[i] > windowMs && i + 1 < kept) {
                if (nowMs - keptAtMs[i + 1] > windowMs) {
                    continue;
                }
                slope = (now - between(i, nowMs - windowMs)) / windowMs;
            }
            perMs = Double.isNaN(perMs) ? slope : Math.min(perMs, slope);
        }
        return perMs;
    }

    /** What the value was between the kept samples i and i + 1: what is older than the window does not belong to it. */
    private double between(int i, long atMs) {
        double share = (double) (atMs - keptAtMs[i]) / (keptAtMs[i + 1] - keptAtMs[i]);
        return keptValue[i] + share * (keptValue[i + 1] - keptValue[i]);
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

    /** Which of the three raw samples is their median: beside a wrong one on a slope it is not the second. */
    private int middle() {
        double a = rawValue[0];
        double b = rawValue[1];
        double c = rawValue[2];
        double median = Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
        if (b == median) {
            return 1;
        }
        return c == median ? 2 : 0;
    }

    @Override
    public String toString() {
        return "rise of " + Arrays.toString(Arrays.copyOf(keptValue, kept));
    }
}
