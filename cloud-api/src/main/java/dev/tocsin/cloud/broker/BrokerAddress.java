package dev.tocsin.cloud.broker;

/**
 * Where the broker is and who we are to it.
 *
 * @param user empty for a broker that asks for none
 */
public record BrokerAddress(String url, String user, String password) {}
