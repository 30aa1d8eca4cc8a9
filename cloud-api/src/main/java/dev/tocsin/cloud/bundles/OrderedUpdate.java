package dev.tocsin.cloud.bundles;

import java.time.Instant;

/**
 * The newest order of a gateway.
 *
 * @param id grows with every order of any gateway
 * @param by name of the user
 */
record OrderedUpdate(
        long id, String gateway, String version, long size, String sha256, String by, String displayName, Instant at) {}
