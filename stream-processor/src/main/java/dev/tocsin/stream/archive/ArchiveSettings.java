package dev.tocsin.stream.archive;

import dev.tocsin.profiles.config.Settings;
import dev.tocsin.stream.store.StoreSettings;
import java.io.Serializable;
import java.time.Duration;

/**
 * How rows are gathered into transactions.
 *
 * @param rows a transaction holds about this many readings at most; they are in memory until it is committed
 * @param intervalMs the longest that a row waits for others
 * @param seriesRemembered series whose ids one writer remembers, about 200 bytes each
 * @param directCompress whether transactions that are worth it are compressed while they are copied, where the server
 *     can
 * @param rejectedRetention age at which rejected input is deleted; zero keeps everything
 */
public record ArchiveSettings(
        int rows, long intervalMs, int seriesRemembered, boolean directCompress, Duration rejectedRetention)
        implements Serializable {
    public static final ArchiveSettings DEFAULT = new ArchiveSettings(100_000, 200, 200_000, false, Duration.ZERO);
    /** Of what is not readings: a row of it is a kilobyte, and a statement of its own. */
    private static final int OTHER_ROWS = 10_000;

    public static ArchiveSettings read(Settings settings) {
        return new ArchiveSettings(
                settings.integer("copy.rows", "rows", DEFAULT.rows, 1, 1_000_000),
                settings.whole("copy.interval-ms", "ms", DEFAULT.intervalMs, 1, 60_000),
                settings.integer("copy.series-remembered", "series", DEFAULT.seriesRemembered, 1_000, 10_000_000),
                settings.flag("copy.direct-compress", DEFAULT.directCompress),
                StoreSettings.retention(settings));
    }

    /** A transaction of alerts, rejected input or profiles holds about this many at most. */
    int otherRows() {
        return Math.min(rows, OTHER_ROWS);
    }
}
