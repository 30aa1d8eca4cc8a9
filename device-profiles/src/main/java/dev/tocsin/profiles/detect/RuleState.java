package dev.tocsin.profiles.detect;

import dev.tocsin.profiles.alert.Evidence;
import dev.tocsin.profiles.reading.Quality;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What one rule remembers of one device: bounded, about 0.6 KB, 0.4 KB more for a rate of rise and 2 KB more for
 * what is unusual. Mutable, for one thread; a Flink POJO, so its fields are public, but only this package writes them.
 */
public final class RuleState {
    /** Nothing holds. */
    static final int CLEAR = 0;
    /** The condition holds, its on-delay runs. */
    static final int RISING = 1;
    /** Raised. */
    static final int RAISED = 2;
    /** Raised, the condition does not hold any more, the off-delay runs. */
    static final int FALLING = 3;

    /** Event time of the newest reading judged; older ones are not judged. */
    public long newestMs = Long.MIN_VALUE;

    public int phase = CLEAR;
    /** When the condition began, while {@link #phase} is not CLEAR. */
    public long onsetMs;
    /** When it was raised, event time, while {@link #phase} is RAISED or FALLING. */
    public long raisedAtMs;
    /** Whether it was raised under test. */
    public boolean test;
    /** When the running delay began, event time. */
    public long delaySinceMs;
    /** When the reading that began the running delay was received, wall clock. */
    public long delayReceivedMs;
    /** The newest value judged. */
    public double value;
    /** Whether the newest reading judged was replayed. */
    public boolean replayed;

    /** How many readings were ever remembered; the ring's next place is that modulo its length. */
    public long remembered;

    public long[] pointAtMs = new long[Evidence.MAX_READINGS];
    public double[] pointValue = new double[Evidence.MAX_READINGS];
    public byte[] pointQuality = new byte[Evidence.MAX_READINGS];

    /** See {@link RiseMeter}. */
    public RiseMeter rise = new RiseMeter();
    /** Only of a rule that watches an exposure. */
    public @Nullable ExposureMeter exposure;
    /** Only of a rule that watches for drift. */
    public @Nullable DriftMeter drift;
    /** Only of a rule that watches for the unusual. */
    public @Nullable AdaptiveBaseline baseline;

    public RuleState() {}

    /** Nothing holds and no delay runs: nothing is lost by forgetting it. */
    public boolean nothingHolds() {
        return phase == CLEAR;
    }

    boolean holding() {
        return phase == RISING || phase == RAISED;
    }

    /** Lets go of all times, because the clock they were taken by was wrong; what is raised stays raised. */
    void beginAnew() {
        newestMs = Long.MIN_VALUE;
        phase = phase == RAISED || phase == FALLING ? RAISED : CLEAR;
        remembered = 0;
        rise = new RiseMeter();
    }

    boolean raised() {
        return phase == RAISED || phase == FALLING;
    }

    /** Wall clock at which the running delay ends, {@link Long#MAX_VALUE} where none runs. */
    long wakeAtMs(Rule rule) {
        // Replayed readings bring their own clock; the wall's has nothing to say about them.
        if (replayed) {
            return Long.MAX_VALUE;
        }
        return switch (phase) {
            case RISING -> delayReceivedMs + rule.onDelayMs();
            case FALLING -> delayReceivedMs + rule.offDelayMs();
            default -> Long.MAX_VALUE;
        };
    }

    void remember(long atMs, double newValue, byte quality) {
        int i = (int) (remembered++ % pointAtMs.length);
        pointAtMs[i] = atMs;
        pointValue[i] = newValue;
        pointQuality[i] = quality;
    }

    Evidence evidence(@Nullable Double limit) {
        int count = (int) Math.min(remembered, pointAtMs.length);
        Evidence.Point[] points = new Evidence.Point[count];
        for (int i = 0; i < count; i++) {
            int from = (int) ((remembered - count + i) % pointAtMs.length);
            points[i] = new Evidence.Point(
                    Instant.ofEpochMilli(pointAtMs[from]), pointValue[from], Quality.of(pointQuality[from]));
        }
        return new Evidence(limit, points);
    }
}
