package dev.tocsin.agent.link;

import java.util.List;

/** What is known of the connection to one field broker. Written by the one thread that connects, read by any. */
public final class FieldLink {
    /** The broker that has no name of its own, where there are several. */
    public static final String FIRST = "field";

    private static final State DOWN = new State(0, Long.MAX_VALUE, 0);
    private static final String MQTT = "MQTT";

    private final String name;
    private volatile State state = DOWN;
    private volatile List<String> refused = List.of();

    /** @param name {@link #FIRST}, or that of a further broker */
    public FieldLink(String name) {
        this.name = name;
    }

    /**
     * One moment of it.
     *
     * @param number of the connection that stands, counted from 1; 0 for none
     * @param upSinceMs since when it is connected and subscribed, monotonic clock; {@link Long#MAX_VALUE} for not yet
     * @param arrivedUpTo the broker has what was acknowledged by this connection for commits up to this one
     */
    public record State(int number, long upSinceMs, long arrivedUpTo) {
        /** Connected and subscribed. */
        public boolean up() {
            return upSinceMs != Long.MAX_VALUE;
        }
    }

    /** How people tell it from other brokers. */
    public String name() {
        return name;
    }

    /** How what the spool keeps of it is told from that of others; the same in every run. */
    public String way() {
        return isFirst() ? MQTT : MQTT + "@" + name;
    }

    public boolean isFirst() {
        return name.equals(FIRST);
    }

    public State state() {
        return state;
    }

    /** Since when, by the monotonic clock; {@link Long#MAX_VALUE} while it is not. */
    public long upSinceMs() {
        return state.upSinceMs();
    }

    public boolean up() {
        return state.up();
    }

    /** Messages may come from now on by this connection. */
    public void connecting(int number) {
        state = new State(number, Long.MAX_VALUE, 0);
    }

    public void up(long nowMs) {
        state = new State(state.number(), nowMs, state.arrivedUpTo());
    }

    public void arrived(long commit) {
        state = new State(state.number(), state.upSinceMs(), commit);
    }

    public void down() {
        state = DOWN;
    }

    /** Subscriptions that the broker does not grant. */
    public List<String> refused() {
        return refused;
    }

    public void refused(List<String> filters) {
        refused = List.copyOf(filters);
    }
}
