package dev.tocsin.standalone.broker.conformance;

/**
 * @param url {@code tcp://host:port}
 * @param user with the platform's rights
 */
public record BrokerUnderTest(String url, String user, String password) {}
