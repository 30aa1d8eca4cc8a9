package dev.tocsin.standalone.bench;

import dev.tocsin.standalone.platform.Layout;
import dev.tocsin.standalone.platform.Plan.External;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Measures the archive job without a broker into a database that holds no readings, beside a bare COPY of the same rows.
 * The server and the job share this machine's cores.
 */
public final class ArchiveBench {
    private static final int HEAP_MB = 1_024;

    private final Layout layout;
    private final Path data;
    private final External database;
    private final Consumer<String> print;

    /** @param data an empty folder */
    public ArchiveBench(Layout layout, Path data, External database, Consumer<String> print) {
        this.layout = layout;
        this.data = data;
        this.database = database;
        this.print = print;
    }

    /** @param rows stored at least, each way */
    public void run(long rows) throws IOException, InterruptedException {
        Map<String, Long> plain = measure(rows, false);
        boolean timescale = MeasuredProcess.figure(plain, "timescale") == 1;
        tell(timescale ? "TimescaleDB" : "PostgreSQL", plain);
        if (timescale) {
            tell("TimescaleDB with direct compress", measure(rows, true));
        }
    }

    private void tell(String server, Map<String, Long> figures) {
        double rows = MeasuredProcess.figure(figures, "rows");
        double rate = rows / (MeasuredProcess.figure(figures, "wall-ns") / 1e9);
        double bare = rows / (MeasuredProcess.figure(figures, "copy-ns") / 1e9);
        print.accept(String.format(
                Locale.ROOT,
                "archive job into %s: %,.0f rows in %.1f s = %,.0f rows/s, %.0f %% of a bare COPY of the same rows"
                        + " (%,.0f rows/s); %.2f us of a core a row beside the server's; %.1f bytes a row stored%s",
                server,
                rows,
                MeasuredProcess.figure(figures, "wall-ns") / 1e9,
                rate,
                100 * rate / bare,
                bare,
                MeasuredProcess.figure(figures, "cpu-ns") / 1e3 / rows,
                MeasuredProcess.figure(figures, "stored-bytes") / rows,
                MeasuredProcess.figure(figures, "timescale") == 0
                        ? ""
                        : String.format(
                                Locale.ROOT,
                                ", %.1f when compressed",
                                MeasuredProcess.figure(figures, "compressed-bytes") / rows)));
    }

    private Map<String, Long> measure(long rows, boolean directCompress) throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of(
                "--data=" + data.resolve(directCompress ? "direct" : "plain"),
                "--database.url=" + database.url(),
                "--database.user=" + database.user(),
                "--database.password-file=" + database.passwordFile(),
                "--rows=" + rows,
                "--copy.direct-compress=" + directCompress));
        return MeasuredProcess.run(layout.java(
                "stream-processor",
                "flink-lib",
                "dev.tocsin.stream.bench.ArchiveRate",
                HEAP_MB,
                List.of("-XX:+UseParallelGC"),
                arguments));
    }
}
