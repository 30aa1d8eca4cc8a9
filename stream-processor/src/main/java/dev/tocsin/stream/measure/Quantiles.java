package dev.tocsin.stream.measure;

import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.runtime.metrics.DescriptiveStatisticsHistogram;

/** Histograms as docs/METRICS.md tells of them: all over the same number of newest values. */
public final class Quantiles {
    private static final int NEWEST = 1_000;

    private Quantiles() {}

    /** Registers one of that name. */
    public static Histogram register(MetricGroup group, String name) {
        return group.histogram(name, new DescriptiveStatisticsHistogram(NEWEST));
    }
}
