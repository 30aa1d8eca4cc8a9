package dev.tocsin.profiles.detect;

/**
 * How far the slow mean of a value has moved away from what it was when the device was new: a smoke chamber that gets
 * dirty, a cell that ages. While the device is new both are the plain mean of what came; then the reference stands and
 * the mean follows with its time constant, whatever the interval of the readings. Minutes of smoke move a mean of weeks
 * by nothing. Mutable, for one thread; a Flink POJO of 40 bytes.
 */
public final class DriftMeter {
    public double reference;
    public double mean;
    public long count;
    public long firstMs;
    public long atMs;

    public DriftMeter() {}

    /**
     * Takes the next reading, not older than the one before it.
     *
     * @return the distance of the mean from the reference, 0 or more; 0 while the device is new
     */
    double add(long nowMs, double value, long overMs) {
        if (count == 0) {
            firstMs = nowMs;
            atMs = nowMs;
        }
        if (nowMs - firstMs < overMs) {
            count++;
            mean += (value - mean) / count;
            reference = mean;
        } else {
            // One reading stands for the time since the last, but a gap must not make it the whole mean.
            double sinceMs = Math.max(0, nowMs - atMs);
            double share = Math.min(0.1, 1 - Math.exp(-sinceMs / overMs));
            mean += share * (value - mean);
            count = Math.max(count, 1);
        }
        atMs = nowMs;
        return Math.abs(mean - reference);
    }
}
