package dev.tocsin.cloud.http;

/**
 * Who makes a request.
 *
 * @param session names the session without giving it away
 * @param csrf what a request that changes something must carry
 */
public record Caller(String session, String user, String displayName, Role role, String language, String csrf) {}
