package dev.tocsin.agent.spool;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Tells a message that was committed, but whose acknowledgement never reached the sender, from a new one that looks the
 * same. The hashes of committed messages are stored in the same commit and forgotten when the acknowledgement must have
 * arrived; a message of a later connection, or after a restart, that matches one not forgotten is its redelivery. For
 * the writer thread.
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

    /** No MQTT connection: the number of CoAP messages. */
    static final int COAP = 0;
    /** An acknowledgement that was sent this long ago on a connection that still stands has arrived. */
    static final Duration ARRIVED_AFTER = Duration.ofSeconds(2);
    /** A CoAP client gives up a message after about 93 s (RFC 7252, 4.8.2, MAX_TRANSMIT_WAIT). */
    static final Duration COAP_GIVES_UP_AFTER = Duration.ofSeconds(100);
    /** A broker sends again what was not acknowledged before anything else, within this time. */
    static final Duration SENT_AGAIN_WITHIN = Duration.ofSeconds(60);

    private static final int MAX_COAP = 16_384;

    private final int mqttWindow;
    private final LongSupplier nanos;
    private final Deque<Row> mqtt = new ArrayDeque<>();
    private final Deque<Row> coap = new ArrayDeque<>();
    private int mqttHashes;
    private int coapHashes;
    private long forgetMqttUpTo = -1;
    private long forgetCoapUpTo = -1;

    /** Hashes that may come again, how often. */
    private final Map<Long, Integer> suspects = new HashMap<>();

    private long suspectsUntilNanos;
    private int connection;

    /** The hashes of one origin in one commit. */
    record Row(long id, Origin origin, int connection, long keptAtNanos, long[] hashes) {}

    /**
     * @param mqttWindow the Receive Maximum of the field connection: more cannot be unacknowledged
     * @param beforeStart what the last run had not forgotten
     */
    Redelivery(int mqttWindow, LongSupplier nanos, List<Row> beforeStart) {
        this.mqttWindow = mqttWindow;
        this.nanos = nanos;
        long now = nanos.getAsLong();
        suspectsUntilNanos = now + COAP_GIVES_UP_AFTER.toNanos();
        for (Row row : beforeStart) {
            suspect(row);
            (row.origin() == Origin.MQTT ? mqtt : coap)
                    .add(new Row(row.id(), row.origin(), row.connection(), now, row.hashes()));
        }
        mqttHashes = mqtt.stream().mapToInt(row -> row.hashes().length).sum();
        coapHashes = coap.stream().mapToInt(row -> row.hashes().length).sum();
    }

    /** Whether this message is in the spool already; says so once for each time it was stored. */
    boolean isRedelivery(long hash, int messageConnection) {
        if (messageConnection > connection) {
            connection = messageConnection;
            suspectsUntilNanos = Math.max(suspectsUntilNanos, nanos.getAsLong() + SENT_AGAIN_WITHIN.toNanos());
            if (messageConnection > 1) {
                mqtt.stream()
                        .filter(row -> row.connection() == messageConnection - 1)
                        .forEach(this::suspect);
            }
        }
        if (suspects.isEmpty()) {
            return false;
        }
        Integer times = suspects.get(hash);
        if (times == null) {
            return false;
        }
        suspects.compute(hash, (h, n) -> times == 1 ? null : times - 1);
        return true;
    }

    void committed(Row row) {
        if (row.origin() == Origin.MQTT) {
            mqtt.add(row);
            mqttHashes += row.hashes().length;
        } else {
            coap.add(row);
            coapHashes += row.hashes().length;
        }
    }

    /** Decides what may be forgotten; the ids are then deleted in the next commit. */
    void forget(int standingConnection) {
        long now = nanos.getAsLong();
        if (!suspects.isEmpty() && now - suspectsUntilNanos > 0) {
            suspects.clear();
        }
        while (!coap.isEmpty()
                && (coapHashes > MAX_COAP || now - coap.element().keptAtNanos() > COAP_GIVES_UP_AFTER.toNanos())) {
            Row row = coap.remove();
            coapHashes -= row.hashes().length;
            forgetCoapUpTo = row.id();
        }
        while (!mqtt.isEmpty() && mayForget(mqtt.element(), standingConnection, now)) {
            Row row = mqtt.remove();
            mqttHashes -= row.hashes().length;
            forgetMqttUpTo = row.id();
        }
    }

    private boolean mayForget(Row row, int standingConnection, long now) {
        boolean outsideOfWindow = mqttHashes - row.hashes().length >= mqttWindow;
        boolean arrived = row.connection() == standingConnection && now - row.keptAtNanos() > ARRIVED_AFTER.toNanos();
        // Of an older connection: the broker had its time to send it again.
        boolean over = row.connection() < standingConnection && connection == standingConnection && suspects.isEmpty();
        return outsideOfWindow || arrived || over;
    }

    long forgetMqttUpTo() {
        return forgetMqttUpTo;
    }

    long forgetCoapUpTo() {
        return forgetCoapUpTo;
    }

    private void suspect(Row row) {
        for (long hash : row.hashes()) {
            suspects.merge(hash, 1, Integer::sum);
        }
    }
}
