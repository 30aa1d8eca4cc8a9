package dev.tocsin.profiles.detect;

import dev.tocsin.profiles.detect.Condition.Exposure;
import dev.tocsin.profiles.detect.Condition.Exposure.Gate;
import java.util.List;

/**
 * How much of a gas was taken up, as a share of what is too much: 1 is reached by each gate's value in its time, by
 * values between two gates in a time between theirs (straight in the logarithms, as of Haber's rule c^n t = k with its n
 * from gate to gate), and by values that change in the sum of their shares. For CO the gates of EN 50291-1 stand for the
 * carboxyhaemoglobin in the blood. A value counts from its reading to the next, but not for longer than
 * {@link #KNOWN_FOR_MS}. Mutable, for one thread; a Flink POJO of 32 bytes.
 */
public final class ExposureMeter {
    /** How long a reading stands for the air it was taken from when no other follows. */
    static final long KNOWN_FOR_MS = 300_000;

    /** Far above 1 nothing changes but the time to recover, which must end. */
    private static final double MOST = 2;

    public double dose;
    public double value;
    public long atMs = Long.MIN_VALUE;

    public ExposureMeter() {}

    /** Takes the next reading, not older than the one before it; what was taken up until then. */
    double add(long nowMs, double newValue, Exposure exposure) {
        if (atMs != Long.MIN_VALUE) {
            // A clock that was set back has let no time pass.
            long sinceMs = Math.max(0, nowMs - atMs);
            double known = Math.min(sinceMs, KNOWN_FOR_MS);
            if (value >= exposure.floor()) {
                dose = Math.min(MOST, dose + known / timeMs(value, exposure.gates()));
                sinceMs -= (long) known;
            }
            dose *= Math.pow(0.5, (double) sinceMs / exposure.halfLifeMs());
        }
        value = newValue;
        atMs = nowMs;
        return dose;
    }

    /** In what time a constant value is too much. */
    static double timeMs(double value, List<Gate> gates) {
        int upper = 1;
        while (upper < gates.size() - 1 && value > gates.get(upper).value()) {
            upper++;
        }
        Gate from = gates.get(upper - 1);
        Gate to = gates.get(upper);
        double slope = Math.log((double) to.timeMs() / from.timeMs()) / Math.log(to.value() / from.value());
        return from.timeMs() * Math.pow(value / from.value(), slope);
    }
}
