package dev.tocsin.agent.link;

import java.util.concurrent.ThreadLocalRandom;

/** Doubling waits between attempts, with a spread so that a thousand agents do not come back at once. For one thread. */
public final class Backoff {
    private final long firstMs;
    private final long maxMs;
    private long nextMs;

    public Backoff(long firstMs, long maxMs) {
        this.firstMs = firstMs;
        this.maxMs = maxMs;
        this.nextMs = firstMs;
    }

    public long nextMs() {
        long wait = nextMs;
        nextMs = Math.min(maxMs, nextMs * 2);
        return wait / 2 + ThreadLocalRandom.current().nextLong(wait / 2 + 1);
    }

    public void reset() {
        nextMs = firstMs;
    }
}
