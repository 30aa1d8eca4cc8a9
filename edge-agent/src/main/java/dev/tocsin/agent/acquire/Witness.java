package dev.tocsin.agent.acquire;

import dev.tocsin.agent.spool.Hash64;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * The messages of one broker that were judged and not stored, because the disk took nothing: when they come again to be
 * stored, they are known, bear the time at which they first came, and are not judged twice. They may be seen by two ways
 * at a time, the session that is not acknowledged and the connection that only listens; equal ones are counted by each,
 * and what one way has counted the other has no more to tell. What is known of a topic ends with the first message of it
 * that nobody saw. Bounded by {@link #MAX_MESSAGES}: those beyond are judged again when they are stored. Safe for any
 * thread.
 */
final class Witness {
    static final int MAX_MESSAGES = 50_000;
    /** From when the connection is up; before, a broker may send new messages before those that come again. */
    private static final long IN_ORDER_AFTER_MS = 5_000;

    /** What a message is that comes to be stored. */
    record Sight(boolean known, long firstMs) {}

    private final LongSupplier upSinceMs;
    private final LongSupplier monotonicMs;
    private final Map<Integer, Map<Long, Seen>> byTopic = new HashMap<>();
    private int messages;

    /** Equal messages. */
    private static final class Seen {
        private final List<Long> timesMs = new ArrayList<>(1);
        private int bySession;
        private int byListening;
        private int taken;
    }

    /** @param upSinceMs of the session, by {@code monotonicMs}; {@link Long#MAX_VALUE} while it is not up */
    Witness(LongSupplier upSinceMs, LongSupplier monotonicMs) {
        this.upSinceMs = upSinceMs;
        this.monotonicMs = monotonicMs;
    }

    /**
     * Takes note of a message that is judged and not stored.
     *
     * @param listening by which of the two ways it came
     * @return whether the other way has not told of it: it is to be judged
     */
    synchronized boolean isNews(long hash, boolean listening, long receivedMs) {
        Map<Long, Seen> ofTopic = byTopic.computeIfAbsent(Hash64.topicOf(hash), topic -> new HashMap<>(2));
        Seen seen = ofTopic.get(hash);
        if (seen == null) {
            if (messages >= MAX_MESSAGES) {
                return true;
            }
            seen = new Seen();
            ofTopic.put(hash, seen);
        }
        int count = listening ? ++seen.byListening : ++seen.bySession;
        if (count <= seen.timesMs.size()) {
            return false;
        }
        if (messages < MAX_MESSAGES) {
            seen.timesMs.add(receivedMs);
            messages++;
        }
        return true;
    }

    /** A message that comes by the session, to be stored. */
    synchronized Sight take(long hash, long receivedMs) {
        if (byTopic.isEmpty()) {
            return new Sight(false, receivedMs);
        }
        Integer topic = Hash64.topicOf(hash);
        Map<Long, Seen> ofTopic = byTopic.get(topic);
        Seen seen = ofTopic == null ? null : ofTopic.get(hash);
        if (seen != null && seen.taken < seen.timesMs.size()) {
            return new Sight(true, seen.timesMs.get(seen.taken++));
        }
        if (ofTopic != null && monotonicMs.getAsLong() - upSinceMs.getAsLong() > IN_ORDER_AFTER_MS) {
            byTopic.remove(topic);
            ofTopic.values().forEach(gone -> messages -= gone.timesMs.size());
        }
        return new Sight(false, receivedMs);
    }

    /** One that was known is stored and acknowledged: it comes no more. */
    synchronized void stored(long hash) {
        Map<Long, Seen> ofTopic = byTopic.get(Hash64.topicOf(hash));
        Seen seen = ofTopic == null ? null : ofTopic.get(hash);
        if (ofTopic == null || seen == null || seen.timesMs.isEmpty()) {
            return;
        }
        seen.timesMs.remove(0);
        messages--;
        seen.taken = Math.max(0, seen.taken - 1);
        seen.bySession = Math.max(0, seen.bySession - 1);
        seen.byListening = Math.max(0, seen.byListening - 1);
        if (seen.timesMs.isEmpty()) {
            ofTopic.remove(hash);
            if (ofTopic.isEmpty()) {
                byTopic.remove(Hash64.topicOf(hash));
            }
        }
    }

    /** The session begins anew and sends what was not acknowledged, from the oldest on. */
    synchronized void sessionBegins() {
        byTopic.values()
                .forEach(ofTopic -> ofTopic.values().forEach(seen -> {
                    seen.bySession = 0;
                    seen.taken = 0;
                }));
    }

    /** A connection begins that brings only what is new. */
    synchronized void listeningBegins() {
        byTopic.values().forEach(ofTopic -> ofTopic.values().forEach(seen -> seen.byListening = seen.timesMs.size()));
    }

    synchronized int messages() {
        return messages;
    }
}
