package dev.tocsin.stream.run;

import java.util.Properties;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.apache.flink.metrics.reporter.MetricReporterFactory;

/** Found by Flink through the service loader. */
public final class LoopbackMetricsFactory implements MetricReporterFactory {
    static final String NAME = "tocsin";

    static String option(String key) {
        return "metrics.reporter." + NAME + "." + key;
    }

    @Override
    public MetricReporter createMetricReporter(Properties properties) {
        return new LoopbackMetrics();
    }
}
