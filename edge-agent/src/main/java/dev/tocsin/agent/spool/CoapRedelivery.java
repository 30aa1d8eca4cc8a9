package dev.tocsin.agent.spool;

import dev.tocsin.agent.spool.Redelivery.Fate;
import dev.tocsin.agent.spool.Redelivery.Row;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * What CoAP clients may send again. A client has no window; it gives up after a known time, and within a run Californium
 * itself answers a repeated message. So only what an earlier run committed is ever suspected. For the writer thread.
 */
final class CoapRedelivery {
    /** A CoAP client gives up a message after about 93 s (RFC 7252, 4.8.2, MAX_TRANSMIT_WAIT). */
    static final Duration GIVES_UP_AFTER = Duration.ofSeconds(100);

    private static final int MAX_HASHES = 16_384;

    private final LongSupplier monotonicMs;
    private final Deque<Row> rows = new ArrayDeque<>();
    /** Hashes that may come again, how often. */
    private final Map<Long, Integer> suspects = new HashMap<>();

    private final long suspectsUntilMs;
    private int hashes;
    private long forgetUpTo;

    CoapRedelivery(LongSupplier monotonicMs) {
        this.monotonicMs = monotonicMs;
        suspectsUntilMs = monotonicMs.getAsLong() + GIVES_UP_AFTER.toMillis();
    }

    void beforeStart(Row row) {
        committed(row);
        for (long hash : row.hashes) {
            suspects.merge(hash, 1, Integer::sum);
        }
    }

    boolean has(long hash) {
        return suspects.containsKey(hash);
    }

    Fate judge(long hash) {
        return BrokerRedelivery.take(suspects, hash) ? Fate.AGAIN : Fate.NEW;
    }

    void committed(Row row) {
        rows.add(row);
        hashes += row.left;
    }

    void forget() {
        long now = monotonicMs.getAsLong();
        if (!suspects.isEmpty() && now > suspectsUntilMs) {
            suspects.clear();
        }
        while (!rows.isEmpty() && (hashes > MAX_HASHES || now - rows.element().keptAtMs > GIVES_UP_AFTER.toMillis())) {
            Row row = rows.remove();
            hashes -= row.left;
            forgetUpTo = row.id;
        }
    }

    /** Rows up to this one are to be deleted; 0 for none. */
    long forgetUpTo() {
        return forgetUpTo;
    }

    void written() {
        forgetUpTo = 0;
    }
}
