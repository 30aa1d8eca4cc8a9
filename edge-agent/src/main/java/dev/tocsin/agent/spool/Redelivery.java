package dev.tocsin.agent.spool;

import dev.tocsin.agent.link.FieldLink;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Tells a message that was committed, but whose acknowledgement never reached the sender, from a new one that looks the
 * same. The hashes of committed messages are stored in the same commit. Those of MQTT are forgotten when the broker has
 * answered something that was sent after the acknowledgement; what is left when a later connection begins may come
 * again there. A broker sends such messages soon after the connection is up, and but for the first seconds before the
 * newer ones of their topic: from then on the first message of a topic that is none of them ends the suspicion of all its
 * others, and time ends the rest. For the writer thread.
 */
final class Redelivery {
    /** Where a message came from: a broker has a bounded window of what was not acknowledged, a CoAP client does not. */
    enum Origin {
        COAP(0),
        MQTT(1);

        /** Written to the file: never given to another constant. */
        final int code;

        Origin(int code) {
            this.code = code;
        }

        static Origin of(int code) {
            return code == COAP.code ? COAP : MQTT;
        }
    }

    /** What a message is. */
    enum Fate {
        NEW,
        /** It is in the spool already. */
        AGAIN,
        /** Of a connection that is over: the broker sends it again by the next one, or has done so already. */
        STALE
    }

    /** No MQTT connection: the number of CoAP messages. */
    static final int COAP = 0;
    /** The number of what an earlier run committed: before every connection of this one. */
    static final int BEFORE_START = -1;
    /** The number of a message at QoS 0: nobody sends it again. */
    static final int ONCE = -2;
    /** A CoAP client gives up a message after about 93 s (RFC 7252, 4.8.2, MAX_TRANSMIT_WAIT). */
    static final Duration COAP_GIVES_UP_AFTER = Duration.ofSeconds(100);
    /** From when the connection is up: a broker sends again what was not acknowledged before anything else. */
    static final Duration SENT_AGAIN_WITHIN = Duration.ofSeconds(60);

    /**
     * From when the connection is up. A broker that notices the end of the old connection later than the new one
     * (Artemis under load) sends new messages before those that come again.
     */
    static final Duration IN_ORDER_AFTER = Duration.ofSeconds(5);

    /** Of connections that followed each other too fast for any to be settled. */
    private static final int MAX_WINDOWS = 8;

    private static final int MAX_COAP = 16_384;

    private final int mqttWindow;
    private final LongSupplier monotonicMs;
    private final Supplier<FieldLink.State> field;
    private final Deque<Row> mqtt = new ArrayDeque<>();
    private final Deque<Row> coap = new ArrayDeque<>();
    /** Rows whose hashes on disk are no longer those here. */
    private final Set<Row> changed = new LinkedHashSet<>();

    private int mqttHashes;
    private int coapHashes;
    private long forgetMqttUpTo = -1;
    private long forgetCoapUpTo = -1;

    /** Hashes that may come again, how often; by topic. */
    private final Map<Integer, Map<Long, Integer>> mqttSuspects = new HashMap<>();

    private final Map<Long, Integer> coapSuspects = new HashMap<>();
    private final long coapSuspectsUntilMs;

    /** The newest connection that brought a message, and until when what it brings may be a redelivery. */
    private int connection;

    private long suspectsUntilMs;
    /** The newest connection seen up, and since when. */
    private int upNumber;

    private long upSinceMs;

    /** The hashes of one origin in one commit; 0 stands for one that is forgotten. */
    static final class Row {
        final long id;
        final Origin origin;
        final int connection;
        final long keptAtMs;
        final long[] hashes;
        int left;

        Row(long id, Origin origin, int connection, long keptAtMs, long[] hashes) {
            this.id = id;
            this.origin = origin;
            this.connection = connection;
            this.keptAtMs = keptAtMs;
            this.hashes = hashes;
            for (long hash : hashes) {
                left += hash == 0 ? 0 : 1;
            }
        }
    }

    /**
     * @param mqttWindow the Receive Maximum of the field connection: more cannot be unacknowledged
     * @param monotonicMs the clock of {@link FieldLink.State#upSinceMs}
     * @param beforeStart what the last run had not forgotten
     */
    Redelivery(int mqttWindow, LongSupplier monotonicMs, Supplier<FieldLink.State> field, List<Row> beforeStart) {
        this.mqttWindow = mqttWindow;
        this.monotonicMs = monotonicMs;
        this.field = field;
        long now = monotonicMs.getAsLong();
        coapSuspectsUntilMs = now + COAP_GIVES_UP_AFTER.toMillis();
        for (Row row : beforeStart) {
            committed(new Row(
                    row.id, row.origin, row.origin == Origin.MQTT ? BEFORE_START : COAP, now, row.hashes.clone()));
            if (row.origin == Origin.COAP) {
                for (long hash : row.hashes) {
                    coapSuspects.merge(hash, 1, Integer::sum);
                }
            }
        }
    }

    /** Whether this message is in the spool already; says so once for each time it was stored. */
    Fate judge(long hash, int messageConnection) {
        if (messageConnection == ONCE) {
            return Fate.NEW;
        }
        if (messageConnection == COAP) {
            return take(coapSuspects, hash) ? Fate.AGAIN : Fate.NEW;
        }
        if (messageConnection < connection) {
            return Fate.STALE;
        }
        if (messageConnection > connection) {
            begin(messageConnection);
        }
        if (mqttSuspects.isEmpty()) {
            return Fate.NEW;
        }
        look();
        Map<Long, Integer> ofTopic = mqttSuspects.get(Hash64.topicOf(hash));
        if (ofTopic == null) {
            return Fate.NEW;
        }
        if (!take(ofTopic, hash)) {
            boolean inOrder = upNumber == connection && monotonicMs.getAsLong() - upSinceMs > IN_ORDER_AFTER.toMillis();
            if (inOrder) {
                mqttSuspects.remove(Hash64.topicOf(hash));
            }
            return Fate.NEW;
        }
        // The caller remembers it anew, under the connection on which its acknowledgement now goes out.
        forgetOlder(hash);
        return Fate.AGAIN;
    }

    /** Whether this message is in the spool already; changes nothing. */
    boolean has(long hash, int messageConnection) {
        if (messageConnection == ONCE) {
            return false;
        }
        for (Row row : messageConnection == COAP ? coap : mqtt) {
            if (messageConnection == COAP || row.connection != messageConnection) {
                for (long known : row.hashes) {
                    if (known == hash) {
                        return true;
                    }
                }
            }
        }
        return false;
    }

    private static boolean take(Map<Long, Integer> suspects, long hash) {
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
        mqttSuspects.clear();
        for (Row row : mqtt) {
            for (long hash : row.hashes) {
                if (hash != 0) {
                    mqttSuspects
                            .computeIfAbsent(Hash64.topicOf(hash), topic -> new HashMap<>())
                            .merge(hash, 1, Integer::sum);
                }
            }
        }
    }

    /** Takes note of the connection, and of the end of all suspicion. */
    private void look() {
        FieldLink.State now = field.get();
        if (now.up()) {
            upNumber = now.number();
            upSinceMs = now.upSinceMs();
        }
        if (upNumber == connection) {
            suspectsUntilMs = Math.min(suspectsUntilMs, upSinceMs + SENT_AGAIN_WITHIN.toMillis());
        }
        if (!mqttSuspects.isEmpty() && monotonicMs.getAsLong() > suspectsUntilMs) {
            mqttSuspects.clear();
        }
    }

    private void forgetOlder(long hash) {
        for (Row row : mqtt) {
            for (int i = 0; row.connection < connection && i < row.hashes.length; i++) {
                if (row.hashes[i] == hash) {
                    row.hashes[i] = 0;
                    row.left--;
                    mqttHashes--;
                    changed.add(row);
                    return;
                }
            }
        }
    }

    void committed(Row row) {
        if (row.origin == Origin.MQTT) {
            mqtt.add(row);
            mqttHashes += row.left;
        } else {
            coap.add(row);
            coapHashes += row.left;
        }
    }

    /** Decides what may be forgotten; the ids are then deleted in the next commit. */
    void forget() {
        look();
        long now = monotonicMs.getAsLong();
        if (!coapSuspects.isEmpty() && now > coapSuspectsUntilMs) {
            coapSuspects.clear();
        }
        while (!coap.isEmpty()
                && (coapHashes > MAX_COAP || now - coap.element().keptAtMs > COAP_GIVES_UP_AFTER.toMillis())) {
            Row row = coap.remove();
            coapHashes -= row.left;
            forgetCoapUpTo = row.id;
        }
        FieldLink.State link = field.get();
        int ofNewest = 0;
        for (Row row : mqtt) {
            ofNewest += row.connection == connection ? row.left : 0;
        }
        for (Row row : mqtt) {
            // A broker may send new messages before those that come again: these are not pushed out by them.
            boolean outsideOfWindow = mqttHashes - row.left >= MAX_WINDOWS * mqttWindow
                    || (row.connection == connection && ofNewest - row.left >= mqttWindow);
            if (row.left > 0 && (outsideOfWindow || mayForget(row, link, now))) {
                ofNewest -= row.connection == connection ? row.left : 0;
                mqttHashes -= row.left;
                row.left = 0;
                Arrays.fill(row.hashes, 0);
                changed.add(row);
            }
        }
        for (Row row = mqtt.peek(); row != null && row.left == 0; row = mqtt.peek()) {
            mqtt.remove();
            changed.remove(row);
            forgetMqttUpTo = row.id;
        }
    }

    private static boolean mayForget(Row row, FieldLink.State link, long now) {
        boolean arrived = row.connection == link.number() && row.id / 2 <= link.arrivedUpTo();
        // Of an older connection: the broker had its time to send it again.
        boolean over =
                link.up() && row.connection < link.number() && now - link.upSinceMs() > SENT_AGAIN_WITHIN.toMillis();
        return arrived || over;
    }

    /** Rows to be written again in the next commit. */
    List<Row> changed() {
        return changed.isEmpty() ? List.of() : List.copyOf(changed);
    }

    /** The commit is on disk. */
    void written(List<Row> rows) {
        changed.removeAll(Set.copyOf(rows));
    }

    long forgetMqttUpTo() {
        return forgetMqttUpTo;
    }

    long forgetCoapUpTo() {
        return forgetCoapUpTo;
    }
}
