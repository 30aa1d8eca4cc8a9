package dev.tocsin.standalone.score;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * One file of SKAB: rows of the eight channels, and for each row whether the plant was disturbed.
 *
 * @param name {@code group/number.csv}
 */
record SkabExperiment(String name, double[][] rows, boolean[] anomalous) {
    private static final int CHANNELS = 8;
    private static final int ANOMALY_COLUMN = CHANNELS + 1;

    /** All labelled experiments below {@code data/}, by name. */
    static List<SkabExperiment> readAll(Path skabFolder) throws IOException {
        Path data = skabFolder.resolve("data");
        try (Stream<Path> files = Files.walk(data)) {
            List<Path> labelled = files.filter(file -> file.toString().endsWith(".csv"))
                    .filter(file -> !file.toString().contains("anomaly-free"))
                    .sorted()
                    .toList();
            if (labelled.isEmpty()) {
                throw new IOException(data + " holds no experiments: no .csv files outside of anomaly-free");
            }
            return labelled.stream()
                    .map(file -> parse(data.relativize(file).toString(), lines(file)))
                    .toList();
        }
    }

    static SkabExperiment parse(String name, List<String> lines) {
        int count = lines.size() - 1;
        double[][] rows = new double[count][CHANNELS];
        boolean[] anomalous = new boolean[count];
        for (int row = 0; row < count; row++) {
            String[] fields = lines.get(row + 1).split(";");
            for (int channel = 0; channel < CHANNELS; channel++) {
                rows[row][channel] = Double.parseDouble(fields[channel + 1]);
            }
            anomalous[row] = Double.parseDouble(fields[ANOMALY_COLUMN]) > 0.5;
        }
        return new SkabExperiment(name, rows, anomalous);
    }

    private static List<String> lines(Path file) {
        try {
            return Files.readAllLines(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
