package dev.tocsin.agent.link;

/** Whether the field broker can be heard. Written by whoever connects, read by any thread. */
public final class FieldLink {
    private volatile int standing;
    private volatile long upSinceMs = Long.MAX_VALUE;

    /** Number of the connection that stands, counted from 1; 0 for none. */
    public int standing() {
        return standing;
    }

    /** Since when, by the monotonic clock; {@link Long#MAX_VALUE} while it does not stand. */
    public long upSinceMs() {
        return upSinceMs;
    }

    /** Connected and subscribed. */
    public boolean up() {
        return upSinceMs != Long.MAX_VALUE;
    }

    /** Messages may come from now on by this connection. */
    public void connecting(int number) {
        standing = number;
    }

    public void up(long nowMs) {
        upSinceMs = nowMs;
    }

    public void down() {
        standing = 0;
        upSinceMs = Long.MAX_VALUE;
    }
}
