package dev.tocsin.stream.source;

/**
 * One message of the broker as it came. Its payload is decoded by the operators, never by the source.
 *
 * @param topic the whole topic
 * @param gateway the gateway of an uplink topic or of a {@code state/gateway} topic, else empty
 * @param receivedAtMs when this job received it; of a message that the broker sends again, the last time
 */
public record UplinkMessage(Feed feed, int shard, String topic, String gateway, byte[] payload, long receivedAtMs) {}
