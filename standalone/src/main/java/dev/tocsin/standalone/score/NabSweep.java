package dev.tocsin.standalone.score;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * NAB's scoring rules for one profile (Lavin and Ahmad, "Evaluating Real-time Anomaly Detection Algorithms: the Numenta
 * Anomaly Benchmark", ICMLA 2015; numbers as numenta/NAB v1.1 computes them). A detection inside a window earns by a
 * sigmoid of its place, early more than late, and only the best one of a window counts; outside it costs, less just
 * after a window; a window without a detection costs the false negative.
 */
final class NabSweep {
    /** What one threshold brings, the counts in rows: a row is detected where its score reaches the threshold. */
    record Outcome(double threshold, double score, int tp, int tn, int fp, int fn) {
        int total() {
            return tp + tn + fp + fn;
        }
    }

    /** One row that counts: its window is the index in all windows swept, -1 outside. */
    private record Point(double anomalyScore, double weight, int window) {}

    private static final double EARLIEST = scaledSigmoid(-1);

    private final NabProfile profile;

    NabSweep(NabProfile profile) {
        this.profile = profile;
    }

    /** From almost 1 at the left edge (-1) to 0 at the right edge (0) to -1 far behind it (above 3). */
    static double scaledSigmoid(double relativePosition) {
        return relativePosition > 3 ? -1 : 2 * (1 / (1 + Math.exp(5 * relativePosition))) - 1;
    }

    /** What a detection at each row is worth, in NAB's points; the probationary rows too, as in NAB's files. */
    double[] weights(NabSeries series) {
        double[] weights = new double[series.values().length];
        int next = 0;
        NabSeries.Window past = null;
        for (int row = 0; row < weights.length; row++) {
            NabSeries.Window window =
                    next < series.windows().size() ? series.windows().get(next) : null;
            if (window != null && row >= window.first()) {
                double position = -(window.last() - row + 1) / (double) window.width();
                weights[row] = scaledSigmoid(position) * profile.truePositive() / EARLIEST;
                if (row == window.last()) {
                    past = window;
                    next++;
                }
            } else {
                double distance =
                        past == null ? Double.POSITIVE_INFINITY : (row - past.last()) / (double) (past.width() - 1);
                weights[row] = scaledSigmoid(distance) * profile.falsePositive();
            }
        }
        return weights;
    }

    /**
     * The outcome at every distinct score, highest threshold first; the first is that of no detection at all.
     *
     * @param anomalyScores for each series one score a row
     */
    List<Outcome> outcomes(List<NabSeries> corpus, List<double[]> anomalyScores) {
        List<Point> points = new ArrayList<>();
        int windows = 0;
        for (int i = 0; i < corpus.size(); i++) {
            NabSeries series = corpus.get(i);
            double[] weights = weights(series);
            for (int row = series.probation(); row < weights.length; row++) {
                int window = series.windowAt(row);
                points.add(new Point(anomalyScores.get(i)[row], weights[row], window < 0 ? -1 : windows + window));
            }
            windows += series.windows().size();
        }
        points.sort(Comparator.comparingDouble(Point::anomalyScore).reversed());
        return sweep(points, windows);
    }

    private List<Outcome> sweep(List<Point> points, int windows) {
        double[] best = new double[windows];
        // A window that lies wholly in the probation can neither be found nor missed.
        for (Point point : points) {
            if (point.window() >= 0) {
                best[point.window()] = -profile.falseNegative();
            }
        }
        int fn = (int) points.stream().filter(point -> point.window() >= 0).count();
        int tn = points.size() - fn;
        int tp = 0;
        int fp = 0;
        double falsePositives = 0;
        double found = Arrays.stream(best).sum();
        List<Outcome> outcomes = new ArrayList<>();
        double threshold = 1.1;
        for (Point point : points) {
            if (point.anomalyScore() != threshold) {
                outcomes.add(new Outcome(threshold, found + falsePositives, tp, tn, fp, fn));
                threshold = point.anomalyScore();
            }
            if (point.window() < 0) {
                fp++;
                tn--;
                falsePositives += point.weight();
            } else {
                tp++;
                fn--;
                double gain = Math.max(0, point.weight() - best[point.window()]);
                best[point.window()] += gain;
                found += gain;
            }
        }
        outcomes.add(new Outcome(threshold, found + falsePositives, tp, tn, fp, fn));
        return outcomes;
    }

    /** NAB's optimiser: the outcome with the highest score, of equal ones that with the highest threshold. */
    static Outcome best(List<Outcome> outcomes) {
        Outcome best = outcomes.get(0);
        for (Outcome outcome : outcomes) {
            if (outcome.score() > best.score()) {
                best = outcome;
            }
        }
        return best;
    }

    /** The outcome of a threshold that need not be one of the scores. */
    static Outcome at(double threshold, List<Outcome> outcomes) {
        Outcome at = outcomes.get(0);
        for (Outcome outcome : outcomes) {
            if (outcome.threshold() < threshold) {
                break;
            }
            at = outcome;
        }
        return at;
    }

    /** Points on NAB's scale: 0 for no detection at all, 100 for every window at its first row and nothing else. */
    double normalised(double score, List<NabSeries> corpus) {
        int windows =
                corpus.stream().mapToInt(series -> series.windows().size()).sum();
        double nothing = -profile.falseNegative() * windows;
        return 100 * (score - nothing) / (profile.truePositive() * windows - nothing);
    }
}
