package dev.tocsin.agent.update;

import dev.tocsin.profiles.bundle.BundleManifest;
import dev.tocsin.profiles.config.Settings;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What can be configured of updates.
 *
 * @param keys folder of public keys beside those that came with the running version
 * @param url that a path in an order counts from
 * @param maxBytes of a bundle as it is fetched
 * @param healthyWithin how soon a new version must be well
 * @param healthyFor how long it must stay so
 */
public record UpdateSettings(@Nullable Path keys, URI url, long maxBytes, Duration healthyWithin, Duration healthyFor) {

    public static UpdateSettings from(Settings settings) {
        String keys = settings.optional("update.keys");
        String url = settings.text("update.url", "http://127.0.0.1:8080");
        URI address = Download.address(url);
        if (address == null) {
            settings.refuse("--update.url (TOCSIN_UPDATE_URL) = '" + url
                    + "' is no address of a server, as http://host:port or https://host:port");
            address = URI.create("http://127.0.0.1");
        }
        return new UpdateSettings(
                keys == null ? null : Path.of(keys),
                address,
                settings.whole(
                        "update.max-bytes", "bytes", BundleManifest.MAX_BYTES, 1 << 20, BundleManifest.MAX_BYTES),
                Duration.ofSeconds(settings.integer("update.healthy-within", "s", 120, 1, 3_600)),
                Duration.ofSeconds(settings.integer("update.healthy-for", "s", 60, 1, 3_600)));
    }
}
