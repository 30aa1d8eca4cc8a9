package dev.tocsin.agent.spool;

import dev.tocsin.agent.link.FieldLink;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.wire.Lane;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** Spools as tests need them. */
public final class Spools {
    private Spools() {}

    public static SpoolLimits limits(long bytes, int queueReadings, int commitReadings) {
        LaneLimit any = new LaneLimit(bytes, Duration.ZERO);
        LaneLimit others = new LaneLimit(Math.max(1, bytes / 4), Duration.ZERO);
        return new SpoolLimits(bytes, any, any, others, queueReadings, commitReadings, Duration.ZERO);
    }

    public static Spool of(Path path, SpoolLimits limits) {
        return of(path, limits, Clock.systemUTC(), monotonicMs(), way -> null);
    }

    public static Spool of(
            Path path,
            SpoolLimits limits,
            Clock clock,
            LongSupplier monotonicMs,
            Function<String, FieldLink.@org.jspecify.annotations.Nullable State> links) {
        return new Spool(path, limits, 2_048, clock, monotonicMs, links, () -> {});
    }

    /** The alerts that wait in it, the oldest first. */
    public static List<Alert> alerts(Spool spool) {
        try (SpoolReader reader = spool.reader()) {
            return reader.messages(Lane.ALERT, 0, 1_000).stream()
                    .map(message -> AlertJson.read(message.body()))
                    .toList();
        }
    }

    /** A clock that a test sets. */
    public static Clock clock(InstantSource wall) {
        return wall.withZone(ZoneOffset.UTC);
    }

    public static LongSupplier monotonicMs() {
        return () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
    }
}
