package dev.tocsin.agent.link;

import java.util.concurrent.ThreadLocalRandom;

/**
 * Waits between attempts: any time up to a bound that doubles (full jitter), so that a thousand agents that lost the
 * same broker come back spread out and not at once. For one thread.
 */
public final class Backoff {
    private final long firstMs;
    private final long maxMs;
    private long boundMs;

    /**
     * @param firstMs bound of the first wait, at least 1
     * @param maxMs bound of every later one, at least {@code firstMs}
     */
    public Backoff(long firstMs, long maxMs) {
        this.firstMs = firstMs;
        this.maxMs = maxMs;
        this.boundMs = firstMs;
    }

    public long nextMs() {
        long bound = boundMs;
        boundMs = Math.min(maxMs, bound * 2);
        return 1 + ThreadLocalRandom.current().nextLong(bound);
    }

    public void reset() {
        boundMs = firstMs;
    }
}
