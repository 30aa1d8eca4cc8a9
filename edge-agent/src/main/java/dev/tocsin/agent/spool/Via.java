package dev.tocsin.agent.spool;

import dev.tocsin.agent.link.FieldLink;

/**
 * How a message reached the agent: by it the agent knows whether it may come again, and where its device is heard.
 *
 * @param way {@link #COAP_WAY}, or that of the broker, {@link FieldLink#way}; stands in the spool
 * @param connection number of the connection to that broker, counted from 1, or less for none
 */
public record Via(String way, int connection) {
    public static final String COAP_WAY = "COAP";
    public static final Via COAP = new Via(COAP_WAY, 0);

    /** What an earlier run committed: before every connection of this one. */
    static final int BEFORE_START = -1;

    private static final int ONCE = -2;

    /** A message that nobody sends again, for want of an acknowledgement (QoS 0). */
    public static Via once(String way) {
        return new Via(way, ONCE);
    }

    boolean mayComeAgain() {
        return connection != ONCE;
    }

    boolean isCoap() {
        return way.equals(COAP_WAY);
    }
}
