package dev.tocsin.stream.source.reader;

/**
 * One message on its way from a connection to Flink.
 *
 * @param connection counts the connections of a session from 1; an acknowledgement is good on the same one only
 * @param messageId the broker's, 1 to 65,535; 0 where nothing is to be acknowledged
 */
record Delivery(long connection, int messageId, String topic, byte[] payload, long receivedAtMs) {}
