package dev.tocsin.agent.link;

import java.util.List;

/** Threads of the MQTT client, by the names that it gives them. */
public final class ClientThreads {
    /** They receive, send and call back; the client's keep-alive, which is none of them, finds that one is dead. */
    private static final List<String> OF_CONNECTIONS = List.of("MQTT Rec: ", "MQTT Snd: ", "MQTT Call: ");

    private ClientThreads() {}

    /**
     * Whether a thread that died takes nothing with it but the connection that it served: what a broker sends must not
     * end the process, which would hear the same again at its next start.
     */
    public static boolean isLossOfConnection(Thread died, Throwable cause) {
        return cause instanceof RuntimeException && OF_CONNECTIONS.stream().anyMatch(died.getName()::startsWith);
    }
}
