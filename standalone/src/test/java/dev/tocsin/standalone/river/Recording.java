package dev.tocsin.standalone.river;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** The head of a recording: its columns and the time of its first row. */
final class Recording implements AutoCloseable {
    private final BufferedReader reader;
    private final List<String> columns;
    private final List<String> firstRow;

    Recording(Path csv) throws IOException {
        reader = new BufferedReader(
                new InputStreamReader(new GZIPInputStream(Files.newInputStream(csv)), StandardCharsets.UTF_8));
        columns = List.of(reader.readLine().split(",", -1));
        firstRow = List.of(reader.readLine().split(",", -1));
    }

    List<String> columns() {
        return columns;
    }

    /** In seconds of the recording's own time, 0 being the ignition. */
    long firstTimeSeconds() {
        return Math.round(Double.parseDouble(firstRow.get(columns.indexOf("Time"))));
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
