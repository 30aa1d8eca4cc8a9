package dev.tocsin.profiles.detect;

/**
 * The upper tail of a stream: a quantile that follows it by stochastic approximation (Robbins and Monro, 1951; as in
 * frugal streaming, Ma et al., 2013) and the mean excess above that, which together give an exponential tail, the
 * peaks-over-threshold model with shape 0 (Pickands, 1975; on streams: SPOT, Siffer et al., KDD 2017). Works on a slice
 * of {@value #SIZE} floats.
 */
final class RareTail {
    static final int SIZE = 4;

    /** The part of all values that the tail is. */
    private static final double TAIL = 0.01;
    /** Evidence of a value that just enters the tail, in nats. */
    private static final double ENTRY_NATS = -Math.log(TAIL);

    private static final int QUANTILE = 0;
    private static final int EXCESS = 1;
    private static final int SPREAD = 2;
    private static final int EXCEEDED = 3;

    /** No tail is thinner than this, in nats of rarity: counts are no finer. */
    private static final double LEAST_EXCESS = 0.05;
    /** The first excesses are averaged with this one. */
    private static final double FIRST_EXCESS = 0.5;
    /** One value moves the mean excess by no more than this many times itself. */
    private static final double GREATEST_EXCESS = 4;

    private static final double SPREAD_RATE = 0.001;
    private static final double EXCESS_RATE = 0.02;
    private static final double QUANTILE_STEP = 10;

    private RareTail() {}

    /**
     * Judges the value by the past, then learns it.
     *
     * @param seen how many values came before this one
     * @return the negative logarithm of the probability of so high a value, in nats; 0 below the tail
     */
    static double evidence(float[] tails, int which, double value, int seen) {
        int at = which * SIZE;
        if (seen == 0) {
            tails[at + QUANTILE] = (float) value;
            tails[at + EXCESS] = (float) FIRST_EXCESS;
            return 0;
        }
        double above = value - tails[at + QUANTILE];
        double excess = Math.max(tails[at + EXCESS], LEAST_EXCESS);
        double rate = Math.max(SPREAD_RATE, 1.0 / (seen + 1));
        double spread = tails[at + SPREAD];
        // Ten rows take the measure of the spread unclipped; later an outlier must not inflate it.
        double clipped = Math.min(Math.abs(above), 4 * spread + (seen < 9 ? 10 : 1e-9));
        spread += rate * (clipped - spread);
        tails[at + SPREAD] = (float) spread;
        double step = QUANTILE_STEP * rate * Math.max(spread, 1e-3);
        if (above <= 0) {
            tails[at + QUANTILE] -= (float) Math.min(step * TAIL, -above);
            return 0;
        }
        tails[at + QUANTILE] += (float) Math.min(step * (1 - TAIL), above);
        double excessRate = Math.max(EXCESS_RATE, 1 / (tails[at + EXCEEDED]++ + 2.0));
        tails[at + EXCESS] += (float) (excessRate * (Math.min(above, GREATEST_EXCESS * excess) - tails[at + EXCESS]));
        return ENTRY_NATS + above / excess;
    }
}
