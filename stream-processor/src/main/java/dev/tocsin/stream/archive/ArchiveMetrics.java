package dev.tocsin.stream.archive;

import dev.tocsin.stream.measure.Quantiles;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MeterView;
import org.apache.flink.metrics.MetricGroup;

/** What one writer reports. Written by the writer's thread, read by the reporter's. */
final class ArchiveMetrics {
    private final Counter rows;
    private final Counter skipped;
    private final Counter refused;
    private final Counter halvings;
    private final Counter retries;
    private final Histogram commitMs;
    private volatile int storeUp = 1;

    /** @param kind {@code readings}, {@code alerts}, {@code rejected} or {@code profiles} */
    ArchiveMetrics(MetricGroup parent, String kind) {
        MetricGroup group = parent.addGroup("archive", kind);
        rows = group.counter("rows");
        group.meter("rowsPerSecond", new MeterView(rows));
        skipped = group.counter("alreadyHeld");
        refused = group.counter("refusedRows");
        halvings = group.counter("batchHalvings");
        retries = group.counter("storeRetries");
        commitMs = Quantiles.register(group, "commitMs");
        group.gauge("storeUp", () -> storeUp);
    }

    void wrote(long count, long tookMs) {
        rows.inc(count);
        commitMs.update(tookMs);
    }

    /** Rows that the store held already: a replay after a crash. */
    void skipped(long count) {
        skipped.inc(count);
    }

    void refused() {
        refused.inc();
    }

    void halved() {
        halvings.inc();
    }

    void retry() {
        retries.inc();
    }

    void storeUp(boolean up) {
        storeUp = up ? 1 : 0;
    }

    long rows() {
        return rows.getCount();
    }

    long alreadyHeld() {
        return skipped.getCount();
    }

    long refusedRows() {
        return refused.getCount();
    }

    long retries() {
        return retries.getCount();
    }

    boolean isStoreUp() {
        return storeUp == 1;
    }
}
