package dev.tocsin.profiles.detect;

/**
 * For how long a series has told one and the same value. A sensor that hangs, or whose converter is frozen, goes on
 * reporting its last value, and a fire beside it is not seen; a real one moves by its own noise. Silence proves nothing:
 * a gap of half the time allowed begins anew, and so does a restart. Not thread-safe.
 */
public final class FlatLine {
    /** Fewer equal readings are no evidence, however far apart they are. */
    public static final int MIN_READINGS = 10;

    private double value = Double.NaN;
    private long sinceMs;
    private long atMs = Long.MIN_VALUE;
    private int readings;

    /**
     * Takes the next reading; one older than the one before it counts for nothing.
     *
     * @param allowedMs for how long the value may be the same, above 0
     * @return whether it has been for that long
     */
    boolean add(long atMs, double value, long allowedMs) {
        if (atMs < this.atMs) {
            return false;
        }
        boolean goesOn = value == this.value && atMs - this.atMs <= allowedMs / 2;
        if (!goesOn) {
            this.value = value;
            sinceMs = atMs;
            readings = 0;
        }
        this.atMs = atMs;
        readings = Math.min(readings + 1, MIN_READINGS);
        return readings == MIN_READINGS && atMs - sinceMs >= allowedMs;
    }
}
