package dev.tocsin.cloud.live;

import java.time.Instant;

/**
 * Who acknowledged an alert.
 *
 * @param revision what the officer saw
 */
public record Acknowledged(String by, String displayName, Instant at, long revision) {}
