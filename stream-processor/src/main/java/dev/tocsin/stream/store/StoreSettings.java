package dev.tocsin.stream.store;

import dev.tocsin.profiles.config.Settings;
import java.time.Duration;

/**
 * How readings are kept where the server is TimescaleDB; a plain server ignores it.
 *
 * @param chunk event time that one chunk spans
 * @param compressAfter age at which a chunk is turned into columns
 * @param retention age at which a chunk is dropped; zero keeps everything
 */
public record StoreSettings(Duration chunk, Duration compressAfter, Duration retention) {
    public static final StoreSettings DEFAULT =
            new StoreSettings(Duration.ofDays(1), Duration.ofDays(2), Duration.ZERO);

    public static StoreSettings read(Settings settings) {
        return new StoreSettings(
                Duration.ofHours(settings.whole("store.chunk-hours", "h", 24, 1, 24 * 31)),
                Duration.ofHours(settings.whole("store.compress-after-hours", "h", 48, 1, 24 * 3650)),
                Duration.ofDays(settings.whole("store.retention-days", "days, 0 keeps everything", 0, 0, 36_500)));
    }

    public boolean keepsEverything() {
        return retention.isZero();
    }
}
