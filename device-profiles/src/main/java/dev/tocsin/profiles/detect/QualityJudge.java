package dev.tocsin.profiles.detect;

import dev.tocsin.profiles.profile.Metric;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Judges readings on arrival, before any rule sees them: a value outside of its metric's range is OUT_OF_RANGE, and
 * one that physics does not explain from the last good one ({@link Metric.Step}) is a SPIKE. A second one above is
 * taken, whatever it is, and so is what goes on rising from there: then the world has changed and not the sensor, and a
 * real fire is hidden for one sample at most. A second one below, which no fire is, must also be explained by the
 * first: sensors that lose bits lose them in neighbouring samples too. One that has been the same for longer than its
 * metric allows is STUCK ({@link FlatLine}); at an end of the range it is not, for there a sensor may rest. Safe for any
 * thread.
 */
public final class QualityJudge {
    private static final long NO_SAMPLE_MS = Long.MIN_VALUE;

    private final int maxSeries;
    private final Map<Series, Last> lasts;

    private record Series(String device, String metric, boolean replayed) {}

    /**
     * The last good reading of a series, and the spike after it, on side {@code suspect} (0: there was none). While it
     * rises faster than a step, what was confirmed stays the suspect.
     */
    private static final class Last {
        double value;
        long atMs = NO_SAMPLE_MS;
        int suspect;
        double suspectValue;
        long suspectAtMs;
        /** Null where the metric may be the same for ever. */
        @Nullable
        FlatLine flatLine;
    }

    /** @param maxSeries metrics of devices remembered; of more, those longest unheard of are forgotten */
    public QualityJudge(int maxSeries) {
        this.maxSeries = maxSeries;
        this.lasts = new LinkedHashMap<>(64, 0.75f, true) {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<Series, Last> eldest) {
                return size() > QualityJudge.this.maxSeries;
            }
        };
    }

    /** The same readings in the same order, with their quality; one that is bad already stays what it is. */
    public List<Reading> judge(Profile profile, boolean replayed, List<Reading> readings) {
        List<Reading> judged = new ArrayList<>(readings.size());
        for (Reading reading : readings) {
            Metric metric = profile.metrics().get(reading.metric());
            judged.add(metric == null ? reading : judge(metric, replayed, reading));
        }
        return judged;
    }

    private Reading judge(Metric metric, boolean replayed, Reading reading) {
        if (!reading.quality().mayAlarm()) {
            return reading;
        }
        if (reading.value() < metric.min() || reading.value() > metric.max()) {
            return reading.with(Quality.OUT_OF_RANGE);
        }
        Metric.Step step = metric.step();
        if (step == null && metric.stuckAfterMs() == 0) {
            return reading;
        }
        synchronized (lasts) {
            Last last = lasts.computeIfAbsent(
                    new Series(reading.device(), reading.metric(), replayed), series -> new Last());
            if (step != null && spike(step, last, reading)) {
                return reading.with(Quality.SPIKE);
            }
            return stuck(metric, last, reading) ? reading.with(Quality.STUCK) : reading;
        }
    }

    private static boolean stuck(Metric metric, Last last, Reading reading) {
        if (metric.stuckAfterMs() == 0) {
            return false;
        }
        FlatLine flatLine = last.flatLine == null ? new FlatLine() : last.flatLine;
        last.flatLine = flatLine;
        boolean atAnEnd = reading.value() == metric.min() || reading.value() == metric.max();
        return flatLine.add(reading.observedAtMs(), reading.value(), metric.stuckAfterMs()) && !atAnEnd;
    }

    private static boolean spike(Metric.Step step, Last last, Reading reading) {
        if (reading.observedAtMs() < last.atMs) {
            return false;
        }
        int side = 0;
        if (last.atMs != NO_SAMPLE_MS) {
            if (last.suspect != 0
                    && reading.observedAtMs() == last.suspectAtMs
                    && reading.value() == last.suspectValue) {
                // The same sample once more is no second witness.
                return true;
            }
            side = side(step, reading, last.value, last.atMs);
            boolean confirmed =
                    side == last.suspect && (side > 0 || side(step, reading, last.suspectValue, last.suspectAtMs) == 0);
            if (side != 0 && !confirmed) {
                last.suspect = side;
                last.suspectValue = reading.value();
                last.suspectAtMs = reading.observedAtMs();
                return true;
            }
        }
        // What was confirmed and goes on as fast is no new spike, or a fierce fire would be hidden for every second
        // sample.
        last.suspect = side > 0 ? side : 0;
        last.suspectAtMs = NO_SAMPLE_MS;
        last.value = reading.value();
        last.atMs = reading.observedAtMs();
        return false;
    }

    /** 1 where a reading is too far above an earlier value, -1 too far below, 0 where physics explains it. */
    private static int side(Metric.Step step, Reading reading, double earlier, long earlierAtMs) {
        double seconds = (reading.observedAtMs() - earlierAtMs) / 1000.0;
        double change = reading.value() - earlier;
        if (change > step.floor() + step.risePerSecond() * seconds) {
            return 1;
        }
        return change < -step.floor() - step.fallPerSecond() * seconds ? -1 : 0;
    }
}
