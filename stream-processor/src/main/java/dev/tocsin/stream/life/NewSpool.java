package dev.tocsin.stream.life;

/**
 * A gateway's agent has begun a new spool: it was replaced, or its disk was, and it knows nothing of what it claimed.
 *
 * @param heardMs when the cloud heard of it
 */
public record NewSpool(String gateway, long heardMs) {}
