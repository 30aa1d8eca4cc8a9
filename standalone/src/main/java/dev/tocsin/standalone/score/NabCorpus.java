package dev.tocsin.standalone.score;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads NAB's folder: {@code data/<group>/<name>.csv} and {@code labels/combined_windows.json}. */
final class NabCorpus {
    static final String LABELS = "labels/combined_windows.json";

    private NabCorpus() {}

    /** All labelled series, by name. */
    static List<NabSeries> read(Path nabFolder) throws IOException {
        JsonNode labels = new ObjectMapper().readTree(nabFolder.resolve(LABELS).toFile());
        Map<String, NabSeries> byFile = new TreeMap<>();
        for (Map.Entry<String, JsonNode> label : labels.properties()) {
            Path data = nabFolder.resolve("data").resolve(label.getKey());
            byFile.put(label.getKey(), series(label.getKey(), Files.readAllLines(data), label.getValue()));
        }
        return List.copyOf(byFile.values());
    }

    /** A series from the lines of its file, header first, and its windows as pairs of timestamps. */
    static NabSeries series(String file, List<String> lines, JsonNode windowTexts) {
        List<String> timestamps = new ArrayList<>();
        List<String> valueTexts = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            int comma = line.indexOf(',');
            timestamps.add(line.substring(0, comma));
            valueTexts.add(line.substring(comma + 1).trim());
        }
        List<NabSeries.Window> windows = new ArrayList<>();
        for (JsonNode window : windowTexts) {
            windows.add(
                    new NabSeries.Window(row(file, timestamps, window.get(0)), row(file, timestamps, window.get(1))));
        }
        double[] values = valueTexts.stream().mapToDouble(Double::parseDouble).toArray();
        return new NabSeries(file, List.copyOf(timestamps), List.copyOf(valueTexts), values, List.copyOf(windows));
    }

    private static int row(String file, List<String> timestamps, JsonNode timestamp) {
        // Labels carry microseconds, the data do not.
        String text = timestamp.asText();
        int point = text.indexOf('.');
        int row = timestamps.indexOf(point < 0 ? text : text.substring(0, point));
        if (row < 0) {
            throw new IllegalArgumentException(file + ": no row at the window's " + text);
        }
        return row;
    }
}
