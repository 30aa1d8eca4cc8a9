package dev.tocsin.agent.spool;

import dev.tocsin.agent.link.FieldLink;
import dev.tocsin.agent.spool.Redelivery.Fate;
import dev.tocsin.agent.spool.Redelivery.Row;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What one field broker may send again. Hashes are forgotten when the broker has answered something that was sent after
 * the acknowledgement; what is left when a later connection begins may come again there. A broker sends such messages
 * soon after the connection is up, and but for the first seconds before the newer ones of their topic: from then on the
 * first message of a topic that is none of them ends the suspicion of all its others, and time ends the rest. For the
 * writer thread.
 */
final class BrokerRedelivery {
    /** From when the connection is up: a broker sends again what was not acknowledged before anything else. */
    static final Duration SENT_AGAIN_WITHIN = Duration.ofSeconds(60);

    /**
     * From when the connection is up. A broker that notices the end of the old connection later than the new one
     * (Artemis under load) sends new messages before those that come again.
     */
    static final Duration IN_ORDER_AFTER = Duration.ofSeconds(5);

    /** Of connections that followed each other too fast for any to be settled. */
    private static final int MAX_WINDOWS = 8;

    private final int window;
    private final LongSupplier monotonicMs;
    private final Supplier<FieldLink.State> link;
    private final Deque<Row> rows = new ArrayDeque<>();
    /** Rows whose hashes on disk are no longer those here. */
    private final Set<Row> changed = new LinkedHashSet<>();
    /** Hashes that may come again, how often; by topic. */
    private final Map<Integer, Map<Long, Integer>> suspects = new HashMap<>();

    private long forgetUpTo;

    /** The newest connection that brought a message, and until when what it brings may be a redelivery. */
    private int connection;

    private long suspectsUntilMs;
    /** The newest connection seen up, and since when. */
    private int upNumber;

    private long upSinceMs;

    /** Parameters as those of {@link Redelivery}. */
    BrokerRedelivery(int window, LongSupplier monotonicMs, Supplier<FieldLink.State> link) {
        this.window = window;
        this.monotonicMs = monotonicMs;
        this.link = link;
    }

    /** @param messageConnection by which it came, counted from 1 */
    Fate judge(long hash, int messageConnection) {
        if (messageConnection < connection) {
            return Fate.STALE;
        }
        if (messageConnection > connection) {
            begin(messageConnection);
        }
        if (suspects.isEmpty()) {
            return Fate.NEW;
        }
        look();
        Map<Long, Integer> ofTopic = suspects.get(Hash64.topicOf(hash));
        if (ofTopic == null) {
            return Fate.NEW;
        }
        if (!take(ofTopic, hash)) {
            boolean inOrder = upNumber == connection && monotonicMs.getAsLong() - upSinceMs > IN_ORDER_AFTER.toMillis();
            if (inOrder) {
                suspects.remove(Hash64.topicOf(hash));
            }
            return Fate.NEW;
        }
        // The caller remembers it anew, under the connection on which its acknowledgement now goes out.
        forgetOlder(hash);
        return Fate.AGAIN;
    }

    /** Whether an earlier connection brought it, and it is in the spool; changes nothing. */
    boolean has(long hash, int messageConnection) {
        for (Row row : rows) {
            for (int i = 0; row.via.connection() < messageConnection && i < row.hashes.length; i++) {
                if (row.hashes[i] == hash) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Whether it was suspected; one time less from now on. */
    static boolean take(Map<Long, Integer> suspects, long hash) {
        Integer times = suspects.get(hash);
        if (times == null) {
            return false;
        }
        if (times == 1) {
            suspects.remove(hash);
        } else {
            suspects.put(hash, times - 1);
        }
        return true;
    }

    private void begin(int number) {
        connection = number;
        suspectsUntilMs = monotonicMs.getAsLong() + SENT_AGAIN_WITHIN.toMillis();
        suspects.clear();
        for (Row row : rows) {
            for (long hash : row.hashes) {
                if (hash != 0) {
                    suspects.computeIfAbsent(Hash64.topicOf(hash), topic -> new HashMap<>())
                            .merge(hash, 1, Integer::sum);
                }
            }
        }
    }

    /** Takes note of the connection, and of the end of all suspicion. */
    private void look() {
        FieldLink.State now = link.get();
        if (now.up()) {
            upNumber = now.number();
            upSinceMs = now.upSinceMs();
        }
        if (upNumber == connection) {
            suspectsUntilMs = Math.min(suspectsUntilMs, upSinceMs + SENT_AGAIN_WITHIN.toMillis());
        }
        if (!suspects.isEmpty() && monotonicMs.getAsLong() > suspectsUntilMs) {
            suspects.clear();
        }
    }

    private void forgetOlder(long hash) {
        for (Row row : rows) {
            for (int i = 0; row.via.connection() < connection && i < row.hashes.length; i++) {
                if (row.hashes[i] == hash) {
                    row.hashes[i] = 0;
                    row.left--;
                    changed.add(row);
                    return;
                }
            }
        }
    }

    void committed(Row row) {
        rows.add(row);
    }

    void forget() {
        look();
        long now = monotonicMs.getAsLong();
        FieldLink.State state = link.get();
        // From the newest on: what a row holds may be forgotten for what came after it, and never for what came before.
        int newer = 0;
        int newerOfConnection = 0;
        for (Iterator<Row> newestFirst = rows.descendingIterator(); newestFirst.hasNext(); ) {
            Row row = newestFirst.next();
            // A broker may send new messages before those that come again: these are not pushed out by them.
            boolean ofThisConnection = row.via.connection() == connection;
            boolean outsideOfWindow =
                    newer >= MAX_WINDOWS * window || (ofThisConnection && newerOfConnection >= window);
            if (row.left > 0 && (outsideOfWindow || mayForget(row, state, now))) {
                row.left = 0;
                Arrays.fill(row.hashes, 0);
                changed.add(row);
            }
            newer += row.left;
            newerOfConnection += ofThisConnection ? row.left : 0;
        }
        for (Row row = rows.peek(); row != null && row.left == 0; row = rows.peek()) {
            rows.remove();
            changed.remove(row);
            forgetUpTo = row.id;
        }
    }

    private static boolean mayForget(Row row, FieldLink.State link, long now) {
        boolean arrived = row.via.connection() == link.number() && row.commit <= link.arrivedUpTo();
        // Of an older connection: the broker had its time to send it again.
        boolean over = link.up()
                && row.via.connection() < link.number()
                && now - link.upSinceMs() > SENT_AGAIN_WITHIN.toMillis();
        return arrived || over;
    }

    /** Rows to be written again in the next commit. */
    List<Row> changed() {
        return changed.isEmpty() ? List.of() : List.copyOf(changed);
    }

    /** Rows up to this one are to be deleted; 0 for none. */
    long forgetUpTo() {
        return forgetUpTo;
    }

    /** What {@link #changed} and {@link #forgetUpTo} said is on disk. */
    void written() {
        changed.clear();
        forgetUpTo = 0;
    }
}
