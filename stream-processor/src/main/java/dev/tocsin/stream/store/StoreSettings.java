package dev.tocsin.stream.store;

import dev.tocsin.profiles.config.Settings;
import java.time.Duration;

/**
 * How readings are kept where the server is TimescaleDB; a plain server keeps them as they are.
 *
 * @param chunk event time that one chunk spans
 * @param compressAfter age at which a chunk is turned into columns
 * @param retention age at which a chunk is dropped; zero keeps everything
 */
public record StoreSettings(Duration chunk, Duration compressAfter, Duration retention) {
    /** The rollup is refreshed to an hour ago, of two hours at least. */
    private static final Duration ROLLUP_NEEDS = Duration.ofHours(3);

    public static final StoreSettings DEFAULT =
            new StoreSettings(Duration.ofDays(1), Duration.ofDays(2), Duration.ZERO);

    /** @throws IllegalArgumentException when readings would be dropped before the rollup has their hours */
    public StoreSettings {
        if (isTooShort(chunk, retention)) {
            throw new IllegalArgumentException("retention " + retention + " with chunks of " + chunk);
        }
    }

    public static StoreSettings read(Settings settings) {
        Duration chunk = Duration.ofHours(settings.whole("store.chunk-hours", "h", 24, 1, 24 * 31));
        Duration compressAfter = Duration.ofHours(settings.whole("store.compress-after-hours", "h", 48, 1, 24 * 3650));
        Duration retention = retention(settings);
        if (isTooShort(chunk, retention)) {
            settings.refuse("--store.retention-days (TOCSIN_STORE_RETENTION_DAYS) = " + retention.toDays()
                    + " is shorter than --store.chunk-hours = " + chunk.toHours() + " and " + ROLLUP_NEEDS.toHours()
                    + " h more: readings would be gone before their hours are summed up");
            return DEFAULT;
        }
        return new StoreSettings(chunk, compressAfter, retention);
    }

    private static boolean isTooShort(Duration chunk, Duration retention) {
        return !retention.isZero() && retention.compareTo(chunk.plus(ROLLUP_NEEDS)) < 0;
    }

    /** Also the archive job's, for what no policy of the server drops. */
    public static Duration retention(Settings settings) {
        return Duration.ofDays(settings.whole("store.retention-days", "days, 0 keeps everything", 0, 0, 36_500));
    }

    public boolean keepsEverything() {
        return retention.isZero();
    }
}
