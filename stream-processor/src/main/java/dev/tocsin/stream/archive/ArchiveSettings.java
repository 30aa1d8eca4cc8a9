package dev.tocsin.stream.archive;

import dev.tocsin.profiles.config.Settings;
import dev.tocsin.stream.store.StoreSettings;
import java.io.Serializable;
import java.time.Duration;

/**
 * How rows are gathered into transactions.
 *
 * @param rows a transaction holds about this many at most
 * @param intervalMs the longest that a row waits for others
 * @param seriesRemembered series whose ids one writer remembers, about 200 bytes each
 * @param rejectedRetention age at which rejected input is deleted; zero keeps everything
 */
public record ArchiveSettings(int rows, long intervalMs, int seriesRemembered, Duration rejectedRetention)
        implements Serializable {
    public static final ArchiveSettings DEFAULT = new ArchiveSettings(10_000, 200, 200_000, Duration.ZERO);

    public static ArchiveSettings read(Settings settings) {
        return new ArchiveSettings(
                settings.integer("copy.rows", "rows", DEFAULT.rows, 1, 1_000_000),
                settings.whole("copy.interval-ms", "ms", DEFAULT.intervalMs, 1, 60_000),
                settings.integer("copy.series-remembered", "series", DEFAULT.seriesRemembered, 1_000, 10_000_000),
                StoreSettings.retention(settings));
    }
}
