package dev.tocsin.standalone.broker.access;

import java.time.Clock;

/**
 * Whether files are to be looked at again: a second after the last time, and also when the clock was set back, so that
 * whoever was put out does not stay in for as long as it was. Safe for many threads.
 */
final class LookAgain {
    private static final long EVERY_MS = 1_000;

    private final Clock clock;
    private volatile boolean looked;
    private volatile long lookedAtMs;

    LookAgain(Clock clock) {
        this.clock = clock;
    }

    boolean isDue() {
        return !looked || Math.abs(clock.millis() - lookedAtMs) >= EVERY_MS;
    }

    void looked() {
        lookedAtMs = clock.millis();
        looked = true;
    }
}
