package dev.tocsin.agent.observe;

import dev.tocsin.profiles.codec.Incoming.Transport;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.reading.Rejected;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The newest of what came in, for whoever looks at {@code /tail}: JSON lines with a number each. Costs a glance at a
 * clock while nobody looks. Safe for any thread.
 */
public final class Feed {
    /** Beyond it the oldest are forgotten; who reads sees from the numbers that some are missing. */
    static final int MAX_LINES = 2_000;

    private static final int MAX_DETAIL = 300;
    private static final long LOOKED_AT_NS = TimeUnit.SECONDS.toNanos(10);

    // Guarded by this.
    private final Deque<String> lines = new ArrayDeque<>();
    private long newest;

    private volatile boolean watched;
    private volatile long lookedAtNs;

    /** Readings of one message as they were accepted. */
    public void readings(Transport transport, List<Reading> readings) {
        if (!isWatched()) {
            return;
        }
        for (Reading reading : readings) {
            Map<String, Object> line = line("reading", transport);
            line.put("device", reading.device());
            line.put("metric", reading.metric());
            line.put("value", reading.value());
            line.put("quality", reading.quality().name());
            line.put("observed", Instant.ofEpochMilli(reading.observedAtMs()));
            add(line);
        }
    }

    /** Input that could not be read. */
    public void rejected(Transport transport, Rejected rejected) {
        if (!isWatched()) {
            return;
        }
        Map<String, Object> line = line("rejected", transport);
        line.put("source", rejected.source());
        line.put("reason", rejected.reason().name());
        String detail = rejected.detail();
        line.put("detail", detail.length() > MAX_DETAIL ? detail.substring(0, MAX_DETAIL) : detail);
        add(line);
    }

    private boolean isWatched() {
        if (watched && System.nanoTime() - lookedAtNs > LOOKED_AT_NS) {
            watched = false;
            synchronized (this) {
                lines.clear();
            }
        }
        return watched;
    }

    private static Map<String, Object> line(String kind, Transport transport) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("kind", kind);
        line.put("protocol", transport.name().toLowerCase(Locale.ROOT));
        return line;
    }

    private synchronized void add(Map<String, Object> line) {
        line.put("n", ++newest);
        lines.add(new String(DesiredJson.write(line), StandardCharsets.UTF_8));
        if (lines.size() > MAX_LINES) {
            lines.remove();
        }
    }

    /**
     * The lines after the one with that number, oldest first, then one of kind {@code end} with the newest number.
     *
     * @param number -1 for none but the end: who begins to look
     */
    public String after(long number) {
        lookedAtNs = System.nanoTime();
        watched = true;
        StringBuilder text = new StringBuilder();
        synchronized (this) {
            long skipped = number < 0 ? lines.size() : Math.max(0, lines.size() - (newest - number));
            lines.stream().skip(skipped).forEach(line -> text.append(line).append('\n'));
            return text.append("{\"kind\":\"end\",\"n\":")
                    .append(newest)
                    .append("}\n")
                    .toString();
        }
    }
}
