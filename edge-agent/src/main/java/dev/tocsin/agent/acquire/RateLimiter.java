package dev.tocsin.agent.acquire;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Token buckets by name. Bounded: of more than {@link #MAX_BUCKETS} names the one longest unheard of is forgotten, and
 * begins with a full bucket when it comes again. Safe for any thread.
 */
final class RateLimiter {
    static final int MAX_BUCKETS = 10_000;

    private final double perSecond;
    private final int burst;
    private final LongSupplier monotonicMs;

    // Guarded by this.
    private final LinkedHashMap<String, Bucket> buckets = new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
            return size() > MAX_BUCKETS;
        }
    };

    private static final class Bucket {
        private double tokens;
        private long filledAtMs;

        Bucket(double tokens, long filledAtMs) {
            this.tokens = tokens;
            this.filledAtMs = filledAtMs;
        }
    }

    /**
     * @param perSecond tokens that a bucket gains
     * @param burst tokens that it holds
     */
    RateLimiter(double perSecond, int burst, LongSupplier monotonicMs) {
        this.perSecond = perSecond;
        this.burst = burst;
        this.monotonicMs = monotonicMs;
    }

    /** Takes a token out of the bucket of that name, if there is one left. */
    synchronized boolean take(String name) {
        long now = monotonicMs.getAsLong();
        Bucket bucket = buckets.computeIfAbsent(name, n -> new Bucket(burst, now));
        bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.filledAtMs) * perSecond / 1000);
        bucket.filledAtMs = now;
        if (bucket.tokens < 1) {
            return false;
        }
        bucket.tokens--;
        return true;
    }

    synchronized int size() {
        return buckets.size();
    }
}
