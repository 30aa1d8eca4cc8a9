package dev.tocsin.stream.source;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which sessions of this process are connected and subscribed, by client id, so that a job that runs in its own JVM
 * can say when it serves. Any thread.
 */
public final class ConnectedSessions {
    private static final Set<String> CONNECTED = ConcurrentHashMap.newKeySet();

    private ConnectedSessions() {}

    public static void connected(String clientId) {
        CONNECTED.add(clientId);
    }

    public static void gone(String clientId) {
        CONNECTED.remove(clientId);
    }

    /** Whether each session of {@code source} is. */
    public static boolean all(MqttSource source) {
        return source.splits().stream().allMatch(split -> CONNECTED.contains(split.clientId(source.job())));
    }
}
