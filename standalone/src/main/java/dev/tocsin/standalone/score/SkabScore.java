package dev.tocsin.standalone.score;

import dev.tocsin.profiles.detect.PlantBaseline;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The multichannel detector on SKAB's outlier detection problem, as its leaderboard computes it: the first 400 rows of
 * each experiment are for learning, every later row is said anomalous or not, and all rows of all experiments are
 * counted together (waico/SKAB, core/utils.py and notebooks).
 */
public final class SkabScore {
    private static final int TRAIN_ROWS = 400;

    private SkabScore() {}

    /**
     * Runs the detector over all labelled experiments and prints the measures, together and by group.
     *
     * @param skabFolder holds {@code data/<group>/<number>.csv}
     * @return F1 over all experiments
     */
    public static double run(Path skabFolder, PrintStream out) throws IOException {
        Confusion all = Confusion.NONE;
        Map<String, Confusion> groups = new TreeMap<>();
        List<SkabExperiment> experiments = SkabExperiment.readAll(skabFolder);
        long nanos = 0;
        long rows = 0;
        for (SkabExperiment experiment : experiments) {
            long start = System.nanoTime();
            boolean[] said = detect(experiment.rows());
            nanos += System.nanoTime() - start;
            rows += said.length;
            Confusion confusion = Confusion.of(said, experiment.anomalous(), TRAIN_ROWS);
            out.printf(Locale.ROOT, "%-16s F1 %.3f%n", experiment.name(), confusion.f1());
            all = all.plus(confusion);
            int slash = Math.max(0, experiment.name().indexOf('/'));
            groups.merge(experiment.name().substring(0, slash), confusion, Confusion::plus);
        }
        out.printf(
                Locale.ROOT,
                "%d experiments, %d rows, %d ns a row of all channels, cold start and all%n",
                experiments.size(),
                rows,
                nanos / rows);
        groups.forEach((group, confusion) -> print(out, group, confusion));
        print(out, "all", all);
        return all.f1();
    }

    /** What a fresh detector says of each row. */
    static boolean[] detect(double[][] rows) {
        int channels = rows.length == 0 ? 0 : rows[0].length;
        PlantBaseline baseline = new PlantBaseline(channels, TRAIN_ROWS, PlantBaseline.FOLLOW_ROWS);
        boolean[] said = new boolean[rows.length];
        for (int row = 0; row < rows.length; row++) {
            said[row] = baseline.score(rows[row]) >= PlantBaseline.ALARM;
        }
        return said;
    }

    private static void print(PrintStream out, String name, Confusion confusion) {
        out.printf(
                Locale.ROOT,
                "%-16s F1 %.3f, false alarm rate %.2f %%, missed alarm rate %.2f %%%n",
                name,
                confusion.f1(),
                100 * confusion.falseAlarmRate(),
                100 * confusion.missedAlarmRate());
    }
}
