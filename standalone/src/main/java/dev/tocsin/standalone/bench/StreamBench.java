package dev.tocsin.standalone.bench;

import dev.tocsin.standalone.platform.Layout;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Measures the alarm job without a broker, in each kind of state store and with more and more devices, each in a process
 * of its own. What other work on this machine takes away is not counted, because figures are of the process's own CPU
 * time; what it costs in caches and memory bandwidth is.
 */
public final class StreamBench {
    /** What a room sensor reports at a time: many small groups in a batch, which costs most. */
    private static final int READINGS_OF_DEVICE = 3;

    private static final List<String> STORES = List.of("hashmap", "rocksdb");

    private final Layout layout;
    private final Path data;
    private final int heapMb;
    private final Consumer<String> print;

    /**
     * @param data an empty folder
     * @param heapMb of each measured process
     */
    public StreamBench(Layout layout, Path data, int heapMb, Consumer<String> print) {
        this.layout = layout;
        this.data = data;
        this.heapMb = heapMb;
        this.print = print;
    }

    /**
     * @param devices the first is what the others are compared with
     * @param readings measured at least, after half as many to warm up; each device reports at least once in both
     */
    public void run(List<Integer> devices, long readings) throws IOException, InterruptedException {
        print.accept("alarm job, one subtask, batches of 100 readings, " + READINGS_OF_DEVICE + " of a device");
        for (String store : STORES) {
            double firstNs = 0;
            for (int count : devices) {
                Map<String, Long> figures = measure(store, count, readings);
                double ns = (double) MeasuredProcess.figure(figures, "cpu-ns")
                        / MeasuredProcess.figure(figures, "readings");
                firstNs = firstNs == 0 ? ns : firstNs;
                print.accept(String.format(
                        Locale.ROOT,
                        "  %s, %,d devices: %,.0f readings/s a core, %.2f us a reading, %.2f times that of %,d devices;"
                                + " %,.0f readings/s by the clock; %,d bytes of state a device;"
                                + " a checkpoint takes %.1f s, and %.1f s of a core",
                        store,
                        count,
                        1e9 / ns,
                        ns / 1e3,
                        ns / firstNs,
                        devices.get(0),
                        MeasuredProcess.figure(figures, "readings")
                                / (MeasuredProcess.figure(figures, "wall-ns") / 1e9),
                        MeasuredProcess.figure(figures, "checkpoint-bytes") / count,
                        MeasuredProcess.figure(figures, "checkpoint-ns") / 1e9,
                        MeasuredProcess.figure(figures, "checkpoint-cpu-ns") / 1e9));
            }
        }
    }

    private Map<String, Long> measure(String store, int devices, long readings)
            throws IOException, InterruptedException {
        return MeasuredProcess.run(layout.java(
                "stream-processor",
                "flink-lib",
                "dev.tocsin.stream.bench.AlarmRate",
                heapMb,
                // Fixed from the start, as Flink's TaskManagers have it: a heap that grows collects all of itself at
                // each step, which is no cost of a reading.
                List.of("-XX:+UseParallelGC", "-Xms" + heapMb + "m"),
                List.of(
                        "--data=" + data.resolve(store + "-" + devices),
                        "--state.backend=" + store,
                        "--devices=" + devices,
                        "--per-device=" + READINGS_OF_DEVICE,
                        "--readings=" + readings)));
    }
}
