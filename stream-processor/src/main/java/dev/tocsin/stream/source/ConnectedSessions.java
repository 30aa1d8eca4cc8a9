package dev.tocsin.stream.source;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which sessions of this process are connected and subscribed, by client id, so that a job that runs in its own JVM
 * can say when it serves. Any thread.
 */
public final class ConnectedSessions {
    /** The client that holds each: one that is taken over may learn it only after the other has connected. */
    private static final Map<String, Object> CONNECTED = new ConcurrentHashMap<>();

    private ConnectedSessions() {}

    public static void connected(String clientId, Object holder) {
        CONNECTED.put(clientId, holder);
    }

    public static void gone(String clientId, Object holder) {
        CONNECTED.remove(clientId, holder);
    }

    /** Whether each session of {@code source} is. */
    public static boolean all(MqttSource source) {
        return source.splits().stream().allMatch(split -> CONNECTED.containsKey(split.clientId(source.job())));
    }
}
