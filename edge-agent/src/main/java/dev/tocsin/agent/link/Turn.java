package dev.tocsin.agent.link;

/**
 * Which of several brokers is tried next, and after what wait. The list is an order of preference: after a connection
 * that lasted, the first is tried first again, then each of the others at once, and when none is there, the next round
 * waits longer. A connection that lasted less than {@link #LASTED_MS} counts as a failed attempt, so that a broker that
 * lets in and throws out does not keep the others from being tried. For one thread.
 */
public final class Turn {
    /** Shorter connections reset nothing. */
    static final long LASTED_MS = 30_000;

    /** Waits after a round, at most; a platform's broker that is back has its gateways again within it. */
    static final long MAX_WAIT_MS = 8_000;

    private static final long FIRST_WAIT_MS = 250;
    private static final long NOT_CONNECTED = Long.MIN_VALUE;

    private final int brokers;
    private final Backoff backoff = new Backoff(FIRST_WAIT_MS, MAX_WAIT_MS);
    private int next;
    private long connectedAtMs = NOT_CONNECTED;

    /** @param brokers how many there are, at least one */
    public Turn(int brokers) {
        this.brokers = brokers;
    }

    /** Position in the list of the one whose turn it is, from 0. */
    public int next() {
        return next;
    }

    public void connected(long nowMs) {
        connectedAtMs = nowMs;
    }

    /**
     * The attempt failed, or the connection is over.
     *
     * @param nowMs by the clock of {@link #connected}
     * @return milliseconds to wait before the next attempt
     */
    public long over(long nowMs) {
        boolean lasted = connectedAtMs != NOT_CONNECTED && nowMs - connectedAtMs >= LASTED_MS;
        boolean wasConnected = connectedAtMs != NOT_CONNECTED;
        connectedAtMs = NOT_CONNECTED;
        if (lasted) {
            next = 0;
            backoff.reset();
            return backoff.nextMs();
        }
        next = (next + 1) % brokers;
        return wasConnected || next == 0 ? backoff.nextMs() : 0;
    }
}
