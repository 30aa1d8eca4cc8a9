package dev.tocsin.standalone.score;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * NAB's result files of one detector: {@code <results>/<detector>/<group>/<detector>_<name>.csv} with a row for each
 * row of the data, and {@code <detector>_<profile>_scores.csv} with a row for each series.
 */
final class NabResults {
    private final Path folder;
    private final String detector;

    NabResults(Path results, String detector) {
        this.folder = results.resolve(detector);
        this.detector = detector;
    }

    Path folder() {
        return folder;
    }

    private Path file(NabSeries series) {
        return folder.resolve(series.group()).resolve(detector + "_" + series.name());
    }

    /** Writes the scores of one series and what a detection at each row is worth in each profile. */
    void write(NabSeries series, double[] anomalyScores) throws IOException {
        List<double[]> weights = NabProfile.ALL.stream()
                .map(profile -> new NabSweep(profile).weights(series))
                .toList();
        Path file = file(series);
        Files.createDirectories(file.getParent());
        try (PrintWriter out = new PrintWriter(Files.newBufferedWriter(file))) {
            StringBuilder line = new StringBuilder("timestamp,value,anomaly_score,label");
            NabProfile.ALL.forEach(profile -> line.append(",S(t)_").append(profile.name()));
            out.print(line.append('\n'));
            for (int row = 0; row < anomalyScores.length; row++) {
                line.setLength(0);
                line.append(series.timestamps().get(row)).append(',');
                line.append(series.valueTexts().get(row)).append(',');
                line.append(anomalyScores[row]).append(',').append(series.windowAt(row) < 0 ? 0 : 1);
                for (double[] weight : weights) {
                    line.append(',').append(weight[row]);
                }
                out.print(line.append('\n'));
            }
        }
    }

    /** Reads the scores of one series that NAB or {@link #write} wrote. */
    double[] read(NabSeries series) throws IOException {
        List<String> lines = Files.readAllLines(file(series));
        int column = List.of(lines.get(0).split(",")).indexOf("anomaly_score");
        return lines.stream()
                .skip(1)
                .mapToDouble(line -> Double.parseDouble(line.split(",")[column]))
                .toArray();
    }

    /** Writes NAB's table of one profile: each series at the threshold, then the totals. */
    void writeTable(NabProfile profile, double threshold, List<NabSeries> corpus, List<double[]> anomalyScores)
            throws IOException {
        NabSweep sweep = new NabSweep(profile);
        List<String> lines = new ArrayList<>();
        lines.add("Detector,Profile,File,Threshold,Score,TP,TN,FP,FN,Total_Count");
        List<NabSweep.Outcome> outcomes = new ArrayList<>();
        for (int i = 0; i < corpus.size(); i++) {
            NabSeries series = corpus.get(i);
            NabSweep.Outcome outcome =
                    NabSweep.at(threshold, sweep.outcomes(List.of(series), List.of(anomalyScores.get(i))));
            outcomes.add(outcome);
            lines.add(detector + "," + profile.name() + "," + series.file() + "," + threshold + "," + counts(outcome));
        }
        NabSweep.Outcome total = outcomes.stream()
                .reduce((a, b) -> new NabSweep.Outcome(
                        threshold,
                        a.score() + b.score(),
                        a.tp() + b.tp(),
                        a.tn() + b.tn(),
                        a.fp() + b.fp(),
                        a.fn() + b.fn()))
                .orElseThrow();
        lines.add("Totals,,,," + counts(total));
        Files.createDirectories(folder);
        Files.write(folder.resolve(detector + "_" + profile.name() + "_scores.csv"), lines);
    }

    private static String counts(NabSweep.Outcome outcome) {
        return outcome.score() + "," + outcome.tp() + "," + outcome.tn() + "," + outcome.fp() + "," + outcome.fn() + ","
                + outcome.total();
    }
}
