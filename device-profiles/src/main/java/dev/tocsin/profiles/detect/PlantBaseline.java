package dev.tocsin.profiles.detect;

/**
 * Several quantities of one plant together: how far all of them are from the state that was learned. Each channel is
 * watched twice, in its level and in the logarithm of its spread, both by {@link LevelBaseline}; the score is the root
 * mean square of their deviations, as Hotelling's T-squared for channels taken as independent (MEWMA: Lowry et al.,
 * Technometrics 34, 1992), so that one channel far off and several a little off weigh the same. Unlike
 * {@link AdaptiveBaseline} it marks every row of a lasting fault and not the onset only.
 *
 * <p>About 0.5 KB a channel. Mutable, for one thread; a Flink POJO.
 */
public final class PlantBaseline {
    /** Scores from here on are anomalous. */
    public static final double ALARM = 0.5;
    /** Rows that tell the baseline where the caller has no better number. */
    public static final int LEARN_ROWS = 400;
    /** Rows in which a lasting change becomes the new normal, by two thirds, likewise. */
    public static final int FOLLOW_ROWS = 4000;

    /** The root mean square deviation at {@link #ALARM}; 1 is what a quiet plant shows. */
    private static final double ALARM_DEVIATIONS = 2.2;
    /** Rows after which the running mean and spread are good enough to measure a distance by. */
    private static final int ROUGH_ROWS = 20;
    /** Keeps the logarithm of a distance near 0 in bounds, in standard deviations. */
    private static final double LEAST_DISTANCE = 0.05;

    public int learnRows;
    public int followRows;
    public int rows;
    /** For each channel. */
    public LevelBaseline[] levels = new LevelBaseline[0];

    public LevelBaseline[] spreads = new LevelBaseline[0];
    /** Mean and sum of squared distances from it of each channel, over the learned rows. */
    public double[] mean = new double[0];

    public double[] squares = new double[0];

    public PlantBaseline() {
        this(0, LEARN_ROWS, FOLLOW_ROWS);
    }

    /**
     * @param learnRows rows from the first on in which the plant is known to be well, at least 100
     * @param followRows time constant by which the baseline follows afterwards; 0: never
     */
    public PlantBaseline(int channels, int learnRows, int followRows) {
        if (channels < 0 || learnRows < 100 || followRows < 0) {
            throw new IllegalArgumentException(
                    "channels " + channels + ", learnRows " + learnRows + ", followRows " + followRows);
        }
        this.learnRows = learnRows;
        this.followRows = followRows;
        levels = new LevelBaseline[channels];
        spreads = new LevelBaseline[channels];
        mean = new double[channels];
        squares = new double[channels];
        for (int i = 0; i < channels; i++) {
            levels[i] = new LevelBaseline();
            spreads[i] = new LevelBaseline();
        }
    }

    /**
     * Takes the next row.
     *
     * @param values one finite value a channel, always in the same order and units
     * @return 0 (as learned, or still learning) to 1; {@link #ALARM} and above is anomalous
     */
    public double score(double[] values) {
        if (values.length != levels.length) {
            throw new IllegalArgumentException(values.length + " values for " + levels.length + " channels");
        }
        rows = Math.min(rows + 1, Integer.MAX_VALUE - 1);
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            double level = levels[i].add(values[i], learnRows, followRows);
            double spread = 0;
            if (rows > ROUGH_ROWS) {
                spread = spreads[i].add(logDistance(i, values[i]), learnRows - ROUGH_ROWS, followRows);
            }
            sum += level * level + spread * spread;
            if (rows <= learnRows) {
                double apart = values[i] - mean[i];
                mean[i] += apart / rows;
                squares[i] += apart * (values[i] - mean[i]);
            }
        }
        double deviation = Math.sqrt(sum / (2 * values.length));
        return deviation / (deviation + ALARM_DEVIATIONS);
    }

    private double logDistance(int channel, double value) {
        double deviation = Math.sqrt(squares[channel] / Math.min(rows, learnRows)) + 1e-12;
        return Math.log(Math.abs(value - mean[channel]) / deviation + LEAST_DISTANCE);
    }
}
