package dev.tocsin.standalone.bench;

import java.io.IOException;
import java.time.Duration;

/** Until when something that is counted must be complete. A bench that waits for ever tells nobody what is missing. */
final class Deadline {
    private final Duration within;
    private final long untilNanos;

    Deadline(Duration within) {
        this.within = within;
        this.untilNanos = System.nanoTime() + within.toNanos();
    }

    boolean passed() {
        return System.nanoTime() - untilNanos > 0;
    }

    /** @throws IOException when it has passed, saying what is missing */
    void require(String what, long wanted, long there) throws IOException {
        if (there < wanted && passed()) {
            throw new IOException(String.format(
                    "%,d of %,d %s; %,d are missing after %d s",
                    there, wanted, what, wanted - there, within.toSeconds()));
        }
    }
}
