package dev.tocsin.cloud.bundles;

import java.time.Instant;

/**
 * A bundle that was uploaded.
 *
 * @param from the lowest version that it replaces
 * @param size in bytes
 * @param by name of the user
 */
record StoredBundle(
        String version,
        long serial,
        String from,
        boolean allowDowngrade,
        long size,
        String sha256,
        String by,
        String displayName,
        Instant at) {}
