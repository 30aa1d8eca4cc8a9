package dev.tocsin.profiles.detect;

/**
 * How far the short mean of one quantity is from where it was learned to be, in units of what noise and the quantity's
 * own drift explain by now. A quantity that wanders (a temperature warming up) earns a tolerance that grows with time;
 * one that keeps its level (a controlled flow) earns none. This is the predictive spread of a local level model
 * (Harvey, "Forecasting, Structural Time Series Models and the Kalman Filter", 1989) whose two variances are told by
 * differences over one row and over {@link #LAG_ROWS}; the short mean is an EWMA chart (Roberts, Technometrics 1,
 * 1959).
 *
 * <p>Once learned, the baseline follows the short mean very slowly: a fault must stay visible for as long as it takes
 * to deal with it. Mutable, for one thread; a Flink POJO.
 */
public final class LevelBaseline {
    /** Rows of the short mean. */
    static final double MEAN_ROWS = 15;

    static final int LAG_ROWS = 25;
    /**
     * What was learned of the drift may be too little by chance: 400 rows hold some 14 independent moves, and the upper
     * 97.5 % limit of a variance told by 14 values (chi-squared) is 2.5 times what they show.
     */
    private static final double DRIFT_DOUBT = 2.5;

    /** Rows seen. */
    public int rows;

    public double prior;
    /** Mean of the rows while learning, then slowly following. */
    public double base;
    /** The short mean. */
    public double mean;
    /** Sum of squared steps from row to row while learning. */
    public double squaredSteps;
    /** Sum of squared changes of {@link #mean} over {@link #LAG_ROWS} rows while learning, and their number. */
    public double squaredMoves;

    public int moves;
    /** The last short means, a ring; used while learning. */
    public float[] past = new float[LAG_ROWS];

    public LevelBaseline() {}

    /**
     * Takes the next row.
     *
     * @param learnRows rows from the first on that tell the baseline
     * @param followRows time constant by which the baseline follows afterwards; 0: never
     * @return standard deviations from the baseline, signed; 0 while learning
     */
    double add(double value, int learnRows, int followRows) {
        boolean learning = rows < learnRows;
        // It need not be told how long it has run once that is longer than anything it compares with.
        rows = Math.min(rows + 1, Integer.MAX_VALUE - 1);
        if (rows == 1) {
            base = value;
            mean = value;
            prior = value;
        }
        double step = value - prior;
        prior = value;
        mean += Math.max(1 / MEAN_ROWS, 1.0 / rows) * (value - mean);
        if (learning) {
            int place = rows % LAG_ROWS;
            base += (value - base) / rows;
            squaredSteps += step * step;
            // The first short means are short of rows, and their moves are not drift.
            if (rows > 3 * MEAN_ROWS + LAG_ROWS) {
                double move = mean - past[place];
                squaredMoves += move * move;
                moves++;
            }
            past[place] = (float) mean;
            return 0;
        }
        double apart = mean - base;
        if (followRows > 0) {
            base += apart / followRows;
        }
        return apart / spread(learnRows, followRows);
    }

    /** The standard deviation of the short mean from its baseline that is to be expected by now. */
    private double spread(int learnRows, int followRows) {
        double noise = squaredSteps / (learnRows - 1) / 2 / (2 * MEAN_ROWS - 1);
        double driftPerRow = DRIFT_DOUBT * Math.max(0, squaredMoves / Math.max(moves, 1) - 2 * noise) / LAG_ROWS;
        // The baseline is the mean of the learned rows, so it is as old as their middle; one that follows ages no more.
        double ageRows = rows - learnRows / 2.0;
        if (followRows > 0) {
            ageRows = Math.min(ageRows, followRows);
        }
        return Math.sqrt(noise + driftPerRow * ageRows + 1e-12 * (1 + base * base));
    }
}
