package dev.tocsin.profiles.detect;

import java.util.Arrays;

/**
 * Learns what one series of readings usually does and scores how unusual the newest reading makes it: unsupervised,
 * without a training phase, one configuration for any unit and interval.
 *
 * <p>The recent course is described by three pairs of robustly scaled quantities, each a place on its own map of visits
 * ({@link VisitMap}): level against volatility over some ten rows, the departure from the usual time of day against the
 * level before it, and the value itself against its newest jumps. The rarity of the place, in nats, is judged against
 * the rarities this series is used to ({@link RareTail}); what passes its upper tail is evidence. Evidence of the maps
 * is added, so that one very rare place or two rare ones at once make an alarm. After an alarm the score stays below
 * what makes one for {@link #HOLD_ROWS}: one event is told once.
 *
 * <p>Sources: novelty on coarse grids of the recent past as in density-based stream detectors (LODA: Pevny, Machine
 * Learning 102, 2016; xStream: Manzoor et al., KDD 2018), averaged shifted histograms (Scott, Annals of Statistics
 * 13, 1985), peaks over threshold on streams (SPOT: Siffer et al., KDD 2017), the comparison of a raw score with its
 * own past (Ahmad et al., Neurocomputing 262, 2017).
 *
 * <p>About 2 KB of state whatever the length of the series. Mutable, for one thread; a Flink POJO, so its fields are
 * public, but only this package writes them.
 */
public final class AdaptiveBaseline {
    /** Scores from here on are alarms, where the caller does not ask for more. */
    public static final double ALARM = 0.5;
    /** Rows after an alarm in which no other one is given. */
    public static final int HOLD_ROWS = 100;
    /** Rows at the start without a score: the maps are empty and everything is new. */
    public static final int WARM_UP_ROWS = 40;

    /** Evidence of an alarm, in nats: one map alone at 1 in 500, or two maps in their rarest hundredth at once. */
    private static final double ALARM_EVIDENCE_NATS = 6.2;
    /** Single values are the noisiest witness: their evidence counts from here on only. */
    private static final double FAST_EVIDENCE_FROM_NATS = 6;

    /** No quantity of the field is so large; what is would not fit the state. */
    private static final double LARGEST = 1e30;
    /** Where {@link #rows} turns back by half, a multiple of {@link #LAG}; by then only its rest by that matters. */
    private static final int MANY_ROWS = 1 << 30;

    private static final int MAPS = 3;
    private static final int LAG = 16;
    private static final double LEVEL_ROWS = 8;
    private static final double SMOOTH_ROWS = 16;
    private static final double FAST_ROWS = 4;
    private static final double SCALE_ROWS = 800;

    /** Finite values seen. */
    public int rows;
    /** Rows since the last alarm, up to one more than {@link #HOLD_ROWS}. */
    public int sinceAlarm = HOLD_ROWS + 1;
    /** The value before the newest. */
    public double prior;
    /** Slow mean of the values, and the mean distance from it: the unit of everything below. */
    public double centre;

    public double scale;
    /** Means of the values over {@link #LEVEL_ROWS} and {@link #SMOOTH_ROWS}. */
    public double level;

    public double smooth;
    /** Means of the size of the steps from row to row over {@link #SMOOTH_ROWS} and {@link #FAST_ROWS}. */
    public float volatility;

    public float jumpiness;
    /** Mean departure from the time of day over {@link #SMOOTH_ROWS}. */
    public float departure;
    /** The last {@link #LAG} values of {@link #smooth}, a ring. */
    public float[] past = new float[LAG];
    /** See {@link DayCurve}. */
    public float[] day = DayCurve.unknown();
    /** See {@link RareTail}; one after the other for the maps. */
    public float[] tails = new float[MAPS * RareTail.SIZE];
    /** See {@link VisitMap}; one after the other. */
    public short[] visits = new short[MAPS * VisitMap.SIZE];
    /** Visits each map counts, in its units. */
    public float[] visited = new float[MAPS];

    public AdaptiveBaseline() {}

    /**
     * Takes the next reading.
     *
     * @param atMs event time, epoch milliseconds UTC; only the time of day is used, so a fixed offset does no harm
     * @param value in whatever unit the series has; what is not finite, or beyond 1e30, is ignored and scores 0
     * @return 0 (as ever, or too early to tell) to 1; {@link #ALARM} and above is an alarm
     */
    public double score(long atMs, double value) {
        return score(atMs, value, ALARM);
    }

    /**
     * The same for a caller to whom a score of {@code alarm} is one: what stays below it is not held against what comes
     * next, so that an event whose first row is only remarkable is told by its second.
     *
     * @param alarm {@link #ALARM} or more, the same for every row
     */
    public double score(long atMs, double value, double alarm) {
        if (!(Math.abs(value) <= LARGEST)) {
            return 0;
        }
        if (rows == 0) {
            begin(value);
            return 0;
        }
        double lagged = past[rows % LAG];
        double departed = follow(atMs, value);
        // A series that never moved has no scale of its own: any step is then far off the map's middle.
        double unit = scale + 1e-6 * Math.abs(centre) + 1e-12;
        double placeLevel = VisitMap.signed((level - centre) / unit);
        double placeVolatility = VisitMap.positive(volatility / unit);
        double placeDeparture = VisitMap.signed(2 * departed / unit);
        double placeLagged = VisitMap.signed((lagged - centre) / unit);
        double placeValue = VisitMap.signed((value - centre) / unit);
        double placeJumps = VisitMap.positive(jumpiness / unit);

        double evidence = evidence(0, placeVolatility, placeLevel) + evidence(1, placeDeparture, placeLagged);
        evidence += Math.max(0, evidence(2, placeValue, placeJumps) - FAST_EVIDENCE_FROM_NATS);
        prior = value;
        rows = rows + 1 == MANY_ROWS ? MANY_ROWS / 2 : rows + 1;
        return rows <= WARM_UP_ROWS ? 0 : judge(evidence, alarm);
    }

    private void begin(double value) {
        prior = value;
        centre = value;
        level = value;
        smooth = value;
        Arrays.fill(past, (float) value);
        rows = 1;
    }

    /** Moves every running quantity to the new value; returns the smoothed departure from the time of day. */
    private double follow(long atMs, double value) {
        // The first rows are plain means; from then on old ones fade.
        double atLeast = 1.0 / (rows + 1);
        double step = Math.abs(value - prior);
        level += Math.max(1 / LEVEL_ROWS, atLeast) * (value - level);
        smooth += Math.max(1 / SMOOTH_ROWS, atLeast) * (value - smooth);
        jumpiness += (float) (Math.max(1 / FAST_ROWS, atLeast) * (step - jumpiness));
        volatility += (float) (Math.max(1 / SMOOTH_ROWS, atLeast) * (step - volatility));
        double slow = Math.max(1 / SCALE_ROWS, atLeast);
        centre += slow * (value - centre);
        scale += slow * (Math.abs(value - centre) - scale);
        double usual = DayCurve.at(day, atMs);
        double apart = Double.isNaN(usual) ? 0 : value - usual;
        departure += (float) (Math.max(1 / SMOOTH_ROWS, atLeast) * (apart - departure));
        DayCurve.learn(day, atMs, value, rows);
        past[rows % LAG] = (float) smooth;
        sinceAlarm = Math.min(sinceAlarm + 1, HOLD_ROWS + 1);
        return departure;
    }

    private double evidence(int map, double a, double b) {
        double rarity = VisitMap.visit(visits, map, visited, a, b);
        return RareTail.evidence(tails, map, rarity, rows - 1);
    }

    private double judge(double evidence, double alarm) {
        double score = evidence / (evidence + ALARM_EVIDENCE_NATS);
        if (score < alarm) {
            return score;
        }
        if (sinceAlarm <= HOLD_ROWS) {
            return Math.nextDown(alarm);
        }
        sinceAlarm = 0;
        return score;
    }
}
