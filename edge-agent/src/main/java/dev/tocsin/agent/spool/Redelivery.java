package dev.tocsin.agent.spool;

import dev.tocsin.agent.link.FieldLink;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Tells a message that was committed, but whose acknowledgement never reached the sender, from a new one that looks the
 * same. The hashes of committed messages are stored in the same commit; what each field broker, and what CoAP clients may
 * send again is remembered and forgotten apart. For the writer thread.
 */
final class Redelivery {
    /** What a message is. */
    enum Fate {
        NEW,
        /** It is in the spool already. */
        AGAIN,
        /** Of a connection that is over: the broker sends it again by the next one, or has done so already. */
        STALE
    }

    private final int window;
    private final LongSupplier monotonicMs;
    private final Function<String, FieldLink.State> links;
    private final Map<String, BrokerRedelivery> brokers = new LinkedHashMap<>();
    private final CoapRedelivery coap;
    private long nextRow = 1;

    /** The hashes of one way in one commit; 0 stands for one that is forgotten. */
    static final class Row {
        final long id;
        final Via via;
        /** Of this run, 0 for one of an earlier run. */
        final long commit;

        final long keptAtMs;
        final long[] hashes;
        int left;

        Row(long id, Via via, long commit, long keptAtMs, long[] hashes) {
            this.id = id;
            this.via = via;
            this.commit = commit;
            this.keptAtMs = keptAtMs;
            this.hashes = hashes;
            for (long hash : hashes) {
                left += hash == 0 ? 0 : 1;
            }
        }
    }

    /** Rows of one way up to this one are forgotten. */
    record Forgotten(String way, long upTo) {}

    /**
     * What the next commit writes.
     *
     * @param changed rows whose hashes on disk are no longer those here
     */
    record Changes(List<Row> fresh, List<Row> changed, List<Forgotten> forgotten) {
        boolean isEmpty() {
            return fresh.isEmpty() && changed.isEmpty() && forgotten.isEmpty();
        }
    }

    /**
     * @param window the Receive Maximum of every field connection: more cannot be unacknowledged
     * @param monotonicMs the clock of {@link FieldLink.State#upSinceMs}
     * @param links what is known of the connection to a broker, by {@link FieldLink#way}; nothing of one that is not
     *     configured any more: what it may send again is kept for the day on which it is
     * @param beforeStart what the last run had not forgotten
     */
    Redelivery(
            int window,
            LongSupplier monotonicMs,
            Function<String, FieldLink.@Nullable State> links,
            List<Row> beforeStart) {
        this.window = window;
        this.monotonicMs = monotonicMs;
        this.links = way -> {
            FieldLink.State state = links.apply(way);
            return state == null ? new FieldLink.State(0, Long.MAX_VALUE, 0) : state;
        };
        coap = new CoapRedelivery(monotonicMs);
        long now = monotonicMs.getAsLong();
        for (Row row : beforeStart) {
            Row kept = new Row(row.id, row.via, 0, now, row.hashes.clone());
            nextRow = Math.max(nextRow, row.id + 1);
            if (row.via.isCoap()) {
                coap.beforeStart(kept);
            } else {
                broker(row.via.way()).committed(kept);
            }
        }
    }

    private BrokerRedelivery broker(String way) {
        return brokers.computeIfAbsent(way, w -> new BrokerRedelivery(window, monotonicMs, () -> links.apply(w)));
    }

    /** Whether this message is in the spool already; says so once for each time it was stored. */
    Fate judge(long hash, Via via) {
        if (!via.mayComeAgain()) {
            return Fate.NEW;
        }
        return via.isCoap() ? coap.judge(hash) : broker(via.way()).judge(hash, via.connection());
    }

    /** Whether this message is in the spool already; changes nothing. */
    boolean has(long hash, Via via) {
        if (!via.mayComeAgain()) {
            return false;
        }
        return via.isCoap() ? coap.has(hash) : broker(via.way()).has(hash, via.connection());
    }

    /** Decides what may be forgotten. */
    void forget() {
        coap.forget();
        brokers.values().forEach(BrokerRedelivery::forget);
    }

    /** @param remembered the hashes of the messages of a commit */
    Changes changes(Map<Via, long[]> remembered, long commit) {
        List<Row> fresh = new ArrayList<>(remembered.size());
        remembered.forEach(
                (via, hashes) -> fresh.add(new Row(nextRow++, via, commit, monotonicMs.getAsLong(), hashes)));
        List<Row> changed = new ArrayList<>();
        List<Forgotten> forgotten = new ArrayList<>();
        if (coap.forgetUpTo() > 0) {
            forgotten.add(new Forgotten(Via.COAP_WAY, coap.forgetUpTo()));
        }
        brokers.forEach((way, broker) -> {
            changed.addAll(broker.changed());
            if (broker.forgetUpTo() > 0) {
                forgotten.add(new Forgotten(way, broker.forgetUpTo()));
            }
        });
        return new Changes(fresh, changed, forgotten);
    }

    /** The commit is on disk. */
    void written(Changes changes) {
        coap.written();
        brokers.values().forEach(BrokerRedelivery::written);
        for (Row row : changes.fresh()) {
            if (row.via.isCoap()) {
                coap.committed(row);
            } else {
                broker(row.via.way()).committed(row);
            }
        }
    }
}
