package dev.tocsin.cloud.live;

import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The snapshot, written once for everybody who asks while it is true: after a broker's or a network's outage all
 * consoles ask at once. The most urgent alerts come first and what goes beyond a bound is only counted, so that a
 * client's queue takes it. For the event loop.
 */
final class SharedSnapshot {
    static final int MAX_ALERTS = 5_000;
    /** The river and the server's time in it are not older than this. */
    private static final Duration FRESH = Duration.ofSeconds(1);

    private final Supplier<?> river;
    private final Clock clock;
    private final long maxBytes;
    private @Nullable Written newest;

    private record Written(long seq, boolean complete, Instant at, String frame) {}

    /** @param maxBytes of the alerts in it, UTF-8 */
    SharedSnapshot(Supplier<?> river, Clock clock, long maxBytes) {
        this.river = river;
        this.clock = clock;
        this.maxBytes = maxBytes;
    }

    String frame(long seq, boolean complete, LiveAlerts alerts) {
        Instant now = clock.instant();
        Written known = newest;
        if (known != null
                && known.seq == seq
                && known.complete == complete
                && now.isBefore(known.at.plus(FRESH))
                && !now.isBefore(known.at)) {
            return known.frame;
        }
        List<LiveAlerts.Entry> open = alerts.openMostUrgentFirst();
        List<String> shown = new ArrayList<>();
        long bytes = 0;
        for (LiveAlerts.Entry entry : open.subList(0, Math.min(MAX_ALERTS, open.size()))) {
            bytes += entry.json().getBytes(StandardCharsets.UTF_8).length;
            if (bytes > maxBytes) {
                break;
            }
            shown.add(entry.json());
        }
        String frame = Frames.snapshot(seq, now, shown, river.get(), complete, open.size() - shown.size());
        newest = new Written(seq, complete, now, frame);
        return frame;
    }
}
