package dev.tocsin.agent.link;

import java.util.List;

/** What {@code /health} says of a connection to a broker. */
public final class LinkHealth {
    private LinkHealth() {}

    /** @param refused subscriptions that the broker does not grant */
    public static String of(boolean connected, List<String> refused) {
        if (!connected) {
            return "away";
        }
        return refused.isEmpty() ? "ok" : "refused are " + String.join(", ", refused);
    }
}
