package dev.tocsin.standalone.score;

import dev.tocsin.profiles.detect.AdaptiveBaseline;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The adaptive detector on the Numenta Anomaly Benchmark, version 1.1: one fresh detector a series, each row scored
 * from what came before it, the threshold of each profile by NAB's own optimiser.
 */
public final class NabScore {
    /** What a folder of the benchmark holds beside {@code data/}. */
    public static final String LABELS = NabCorpus.LABELS;

    static final String DETECTOR = "tocsin";

    /** Of rules that watch for the unusual. */
    private static final double[] RULE_LIMITS = {0.5, 0.6, 0.65, 0.7, 0.75, 0.8};

    private static final DateTimeFormatter TIMESTAMP = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss");

    private NabScore() {}

    /**
     * Runs the detector over all series, writes NAB's result files and prints the scores.
     *
     * @param nabFolder holds {@code data/} and {@code labels/combined_windows.json}
     * @param resultsFolder where NAB has {@code results/}; created where it is not there
     * @return the score of the standard profile, 0 to 100
     */
    public static double run(Path nabFolder, Path resultsFolder, PrintStream out) throws IOException {
        List<NabSeries> corpus = NabCorpus.read(nabFolder);
        NabResults results = new NabResults(resultsFolder, DETECTOR);
        List<double[]> scores = new ArrayList<>();
        long nanos = 0;
        long rows = 0;
        for (NabSeries series : corpus) {
            long[] times = times(series);
            long start = System.nanoTime();
            scores.add(detect(times, series.values(), AdaptiveBaseline.ALARM));
            nanos += System.nanoTime() - start;
            rows += times.length;
            results.write(series, scores.get(scores.size() - 1));
        }
        out.printf(
                Locale.ROOT,
                "%d series, %d readings, %d ns a reading, cold start and all%n",
                corpus.size(),
                rows,
                nanos / rows);
        double standard = report(corpus, scores, results, out);
        groups(corpus, scores, out);
        rules(corpus, out);
        out.println("result files: " + results.folder());
        return standard;
    }

    /** Each row's score by a fresh detector, for somebody to whom that of {@code alarm} is one. */
    private static double[] detect(long[] atMs, double[] values, double alarm) {
        AdaptiveBaseline baseline = new AdaptiveBaseline();
        double[] scores = new double[values.length];
        for (int row = 0; row < values.length; row++) {
            scores[row] = baseline.score(atMs[row], values[row], alarm);
        }
        return scores;
    }

    private static double report(List<NabSeries> corpus, List<double[]> scores, NabResults results, PrintStream out)
            throws IOException {
        double standard = 0;
        for (NabProfile profile : NabProfile.ALL) {
            NabSweep sweep = new NabSweep(profile);
            List<NabSweep.Outcome> outcomes = sweep.outcomes(corpus, scores);
            NabSweep.Outcome best = NabSweep.best(outcomes);
            double normalised = sweep.normalised(best.score(), corpus);
            double fixed = sweep.normalised(
                    NabSweep.at(AdaptiveBaseline.ALARM, outcomes).score(), corpus);
            results.writeTable(profile, best.threshold(), corpus, scores);
            out.printf(
                    Locale.ROOT,
                    "%-19s %6.2f at threshold %.4f (tp %d, fp %d rows); %6.2f at the detector's own %.1f%n",
                    profile.name(),
                    normalised,
                    best.threshold(),
                    best.tp(),
                    best.fp(),
                    fixed,
                    AdaptiveBaseline.ALARM);
            if (profile.equals(NabProfile.STANDARD)) {
                standard = normalised;
            }
        }
        return standard;
    }

    /** The standard profile group by group: at the corpus' threshold, and at the one the other groups would choose. */
    private static void groups(List<NabSeries> corpus, List<double[]> scores, PrintStream out) {
        NabSweep sweep = new NabSweep(NabProfile.STANDARD);
        double threshold = NabSweep.best(sweep.outcomes(corpus, scores)).threshold();
        Map<String, List<Integer>> groups = new TreeMap<>();
        for (int i = 0; i < corpus.size(); i++) {
            groups.computeIfAbsent(corpus.get(i).group(), group -> new ArrayList<>())
                    .add(i);
        }
        double leftOut = 0;
        for (Map.Entry<String, List<Integer>> group : groups.entrySet()) {
            List<Integer> others = new ArrayList<>();
            for (int i = 0; i < corpus.size(); i++) {
                if (!group.getValue().contains(i)) {
                    others.add(i);
                }
            }
            List<NabSweep.Outcome> inside = outcomes(sweep, corpus, scores, group.getValue());
            double foreign =
                    NabSweep.best(outcomes(sweep, corpus, scores, others)).threshold();
            NabSweep.Outcome own = NabSweep.at(threshold, inside);
            NabSweep.Outcome left = NabSweep.at(foreign, inside);
            leftOut += left.score();
            List<NabSeries> members = group.getValue().stream().map(corpus::get).toList();
            boolean windows =
                    members.stream().anyMatch(series -> !series.windows().isEmpty());
            out.printf(
                    Locale.ROOT,
                    "  %-20s %s, false rows %3d; threshold of the others %.4f%n",
                    group.getKey(),
                    windows ? String.format(Locale.ROOT, "%6.2f", sweep.normalised(own.score(), members)) : "     -",
                    own.fp(),
                    foreign);
        }
        out.printf(
                Locale.ROOT, "  each group at the threshold of the others: %.2f%n", sweep.normalised(leftOut, corpus));
    }

    /** What an officer gets of a rule: windows found, and how many readings pass for one false alarm. */
    private static void rules(List<NabSeries> corpus, PrintStream out) {
        for (double limit : RULE_LIMITS) {
            int windows = 0;
            int found = 0;
            int judged = 0;
            int falseAlarms = 0;
            for (NabSeries series : corpus) {
                double[] scores = detect(times(series), series.values(), limit);
                Set<Integer> hit = new HashSet<>();
                for (int row = series.probation(); row < scores.length; row++) {
                    judged++;
                    if (scores[row] >= limit && series.windowAt(row) >= 0) {
                        hit.add(series.windowAt(row));
                    } else if (scores[row] >= limit) {
                        falseAlarms++;
                    }
                }
                windows += series.windows().size();
                found += hit.size();
            }
            out.printf(
                    Locale.ROOT,
                    "  a rule with unusual: %.2f finds %d of %d windows, with %d false alarms in %d readings%n",
                    limit,
                    found,
                    windows,
                    falseAlarms,
                    judged);
        }
    }

    private static List<NabSweep.Outcome> outcomes(
            NabSweep sweep, List<NabSeries> corpus, List<double[]> scores, List<Integer> members) {
        return sweep.outcomes(
                members.stream().map(corpus::get).toList(),
                members.stream().map(scores::get).toList());
    }

    private static long[] times(NabSeries series) {
        return series.timestamps().stream()
                .mapToLong(text -> LocalDateTime.parse(text, TIMESTAMP)
                        .toInstant(ZoneOffset.UTC)
                        .toEpochMilli())
                .toArray();
    }
}
