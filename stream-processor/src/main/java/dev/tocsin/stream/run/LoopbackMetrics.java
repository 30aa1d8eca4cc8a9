package dev.tocsin.stream.run;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.flink.metrics.CharacterFilter;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.HistogramStatistics;
import org.apache.flink.metrics.LogicalScopeProvider;
import org.apache.flink.metrics.Meter;
import org.apache.flink.metrics.Metric;
import org.apache.flink.metrics.MetricConfig;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.reporter.MetricReporter;
import org.jspecify.annotations.Nullable;

/**
 * Flink's metrics in the text format of Prometheus at {@code /metrics} of one address. Flink's own reporter listens on
 * every interface of the machine and cannot be told otherwise.
 */
final class LoopbackMetrics implements MetricReporter {
    private static final CharacterFilter NAME = input -> input.replaceAll("[^a-zA-Z0-9_]", "_");

    private static final double[] QUANTILES = {0.5, 0.99};

    private final Map<Metric, Series> series = new ConcurrentHashMap<>();
    private @Nullable HttpServer server;

    /** @param labels without the braces */
    private record Series(String name, String labels) {
        void write(Number value, StringBuilder text) {
            text.append(name).append('{').append(labels).append("} ");
            text.append(value).append('\n');
        }

        /** As a summary of Prometheus. */
        void write(Histogram histogram, StringBuilder text) {
            HistogramStatistics statistics = histogram.getStatistics();
            for (double quantile : QUANTILES) {
                new Series(name, (labels.isEmpty() ? "" : labels + ",") + "quantile=\"" + quantile + "\"")
                        .write(statistics.getQuantile(quantile), text);
            }
            new Series(name + "_count", labels).write(histogram.getCount(), text);
        }
    }

    @Override
    public void open(MetricConfig config) {
        InetSocketAddress address =
                new InetSocketAddress(config.getString("host", "127.0.0.1"), config.getInteger("port", 0));
        try {
            HttpServer http = HttpServer.create(address, 0);
            http.createContext("/metrics", exchange -> {
                byte[] body = render().getBytes(StandardCharsets.UTF_8);
                exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
                exchange.close();
            });
            http.start();
            server = http;
        } catch (IOException e) {
            throw new UncheckedIOException("metrics cannot listen on " + address, e);
        }
    }

    @Override
    public void close() {
        if (server != null) {
            server.stop(0);
        }
    }

    @Override
    public void notifyOfAddedMetric(Metric metric, String name, MetricGroup group) {
        String scope = ((LogicalScopeProvider) group).getLogicalScope(NAME, '_');
        StringBuilder labels = new StringBuilder();
        group.getAllVariables()
                .forEach((key, value) -> labels.append(labels.length() == 0 ? "" : ",")
                        .append(NAME.filterCharacters(key.substring(1, key.length() - 1)))
                        .append("=\"")
                        .append(value.replace("\\", "\\\\")
                                .replace("\"", "\\\"")
                                .replace("\n", " "))
                        .append('"'));
        series.put(metric, new Series("flink_" + scope + "_" + NAME.filterCharacters(name), labels.toString()));
    }

    @Override
    public void notifyOfRemovedMetric(Metric metric, String name, MetricGroup group) {
        series.remove(metric);
    }

    private String render() {
        StringBuilder text = new StringBuilder(64 * series.size());
        series.forEach((metric, of) -> {
            Number value = valueOf(metric);
            if (metric instanceof Histogram histogram) {
                of.write(histogram, text);
            } else if (value != null) {
                of.write(value, text);
            }
        });
        return text.toString();
    }

    private static @Nullable Number valueOf(Metric metric) {
        if (metric instanceof Counter counter) {
            return counter.getCount();
        }
        if (metric instanceof Meter meter) {
            return meter.getRate();
        }
        return metric instanceof Gauge<?> gauge && gauge.getValue() instanceof Number number ? number : null;
    }
}
