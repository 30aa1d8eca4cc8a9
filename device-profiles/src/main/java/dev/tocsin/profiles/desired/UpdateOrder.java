package dev.tocsin.profiles.desired;

import dev.tocsin.profiles.reading.Limits;
import java.util.regex.Pattern;

/**
 * Which agent the cloud wants on a gateway: retained on {@link dev.tocsin.profiles.wire.Topics#stateOfUpdate}.
 *
 * @param order a higher one replaces a lower one; the same bundle under a new order is tried again
 * @param version of the bundle
 * @param url of the bundle, {@code http(s)://...}, or a path at the address that the agent knows of the cloud
 * @param size of the bundle in bytes
 * @param sha256 of the bundle, 64 digits: what is fetched; who made it says its signature
 */
public record UpdateOrder(long order, String gateway, String version, String url, long size, String sha256) {
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    public UpdateOrder {
        Limits.text("gateway", gateway, Limits.TEXT);
        Limits.text("version", version, Limits.TEXT);
        if (url == null || url.isBlank() || url.length() > 2_000) {
            throw new IllegalArgumentException("url is missing or longer than 2000 characters");
        }
        if (size <= 0) {
            throw new IllegalArgumentException("size " + size + " is no size of a bundle");
        }
        if (sha256 == null || !SHA256.matcher(sha256).matches()) {
            throw new IllegalArgumentException("sha256 '" + sha256 + "' has not 64 digits");
        }
    }
}
