package dev.tocsin.stream.source.reader;

import dev.tocsin.stream.broker.BrokerAccess;
import dev.tocsin.stream.source.ConnectedSessions;
import dev.tocsin.stream.source.split.MqttSplit;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The persistent session of one split: one thread that connects, subscribes, acknowledges and, whenever the connection
 * is lost, begins again. Each connection has a client object of its own, so that an acknowledgement can never reach
 * another connection than the one that delivered the message.
 */
final class SplitSession implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(SplitSession.class);
    private static final int KEEP_ALIVE_SECONDS = 30;
    private static final long WAIT_MS = 6_000;
    private static final long FIRST_RETRY_MS = 50;
    private static final long LONGEST_RETRY_MS = 1_000;
    /** A newer instance took the session over. It is in the right; but should it die, the split must not stay unread. */
    private static final long AFTER_TAKE_OVER_MS = 10_000;

    /** What the session's thread waits for. */
    private sealed interface Event {
        record Acknowledge(long connection, int[] messageIds) implements Event {}

        record Lost(long connection, boolean takenOver) implements Event {}

        record Closed() implements Event {}
    }

    private final BrokerAccess broker;
    private final MqttSplit split;
    private final String clientId;
    private final Window window;
    private final HandOver handOver;
    private final LinkedBlockingQueue<Event> events = new LinkedBlockingQueue<>();
    private final AtomicLong connections = new AtomicLong();
    private final Thread thread;
    private volatile boolean closed;

    SplitSession(BrokerAccess broker, String job, MqttSplit split, Window window, Runnable onArrival) {
        this.broker = broker;
        this.split = split;
        this.clientId = split.clientId(job);
        this.window = window;
        this.handOver = new HandOver(window, onArrival);
        this.thread = new Thread(this::run, clientId);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    MqttSplit split() {
        return split;
    }

    HandOver handOver() {
        return handOver;
    }

    /** Connections made so far. */
    long connections() {
        return connections.get();
    }

    /** For Flink's thread; sending is left to the session's. */
    void acknowledge(long connection, int[] messageIds) {
        events.add(new Event.Acknowledge(connection, messageIds));
    }

    @Override
    public void close() {
        closed = true;
        handOver.close();
        events.add(new Event.Closed());
        try {
            thread.join(WAIT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ConnectedSessions.gone(clientId);
    }

    private void run() {
        long retryMs = FIRST_RETRY_MS;
        boolean said = false;
        while (!closed) {
            long connection = connections.incrementAndGet();
            MqttAsyncClient client = null;
            try {
                handOver.awaitEmpty();
                client = connect(connection);
                retryMs = FIRST_RETRY_MS;
                said = false;
                ConnectedSessions.connected(clientId);
                LOG.debug("{} reads {} at {}", clientId, split.filter(), broker);
                if (serve(client, connection)) {
                    LOG.warn("{} was taken over by another client; waiting {} ms", clientId, AFTER_TAKE_OVER_MS);
                    retryMs = AFTER_TAKE_OVER_MS;
                }
            } catch (MqttException e) {
                if (!said) {
                    LOG.warn("{} cannot read from {}: {}; trying again until it can", clientId, broker, e.toString());
                    said = true;
                }
            } catch (InterruptedException e) {
                return;
            } finally {
                ConnectedSessions.gone(clientId);
                end(client);
            }
            retryMs = waitToRetry(retryMs);
        }
    }

    private MqttAsyncClient connect(long connection) throws MqttException {
        MqttAsyncClient client = new MqttAsyncClient(broker.url(), clientId, new MemoryPersistence());
        try {
            client.setManualAcks(split.feed().durable());
            client.setCallback(new Receiver(connection));
            client.connect(broker.options(split.feed().durable(), window.receiveMaximum(), KEEP_ALIVE_SECONDS))
                    .waitForCompletion(WAIT_MS);
            IMqttToken subscribed = client.subscribe(split.filter(), 1);
            subscribed.waitForCompletion(WAIT_MS);
            for (int reason : subscribed.getReasonCodes()) {
                if (reason >= MqttReturnCode.RETURN_CODE_UNSPECIFIED_ERROR) {
                    throw new MqttException(reason);
                }
            }
            return client;
        } catch (MqttException e) {
            end(client);
            throw e;
        }
    }

    /** Until the connection is lost or the session closed; says whether another client took over. */
    private boolean serve(MqttAsyncClient client, long connection) throws InterruptedException, MqttException {
        while (true) {
            Event event = events.take();
            if (event instanceof Event.Closed) {
                return false;
            }
            if (event instanceof Event.Acknowledge acknowledge) {
                // Of a lost connection: the broker sends those messages again, and the operators know them.
                if (acknowledge.connection() == connection) {
                    for (int messageId : acknowledge.messageIds()) {
                        client.messageArrivedComplete(messageId, 1);
                    }
                }
            } else if (event instanceof Event.Lost lost && lost.connection() == connection) {
                return lost.takenOver();
            }
        }
    }

    /** Ends early when the session is closed; whatever else arrives belongs to the connection that is gone. */
    private long waitToRetry(long retryMs) {
        long untilNanos = System.nanoTime()
                + TimeUnit.MILLISECONDS.toNanos(
                        retryMs + ThreadLocalRandom.current().nextLong(FIRST_RETRY_MS));
        try {
            for (long left = untilNanos - System.nanoTime(); !closed && left > 0; ) {
                events.poll(left, TimeUnit.NANOSECONDS);
                left = untilNanos - System.nanoTime();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return Math.min(retryMs * 2, LONGEST_RETRY_MS);
    }

    private static void end(@Nullable MqttAsyncClient client) {
        if (client == null) {
            return;
        }
        try {
            if (client.isConnected()) {
                client.disconnect(0).waitForCompletion(WAIT_MS / 6);
            }
        } catch (MqttException e) {
            LOG.debug("{} did not part in peace: {}", client.getClientId(), e.toString());
        }
        try {
            client.close(true);
        } catch (MqttException e) {
            LOG.debug("{} did not close: {}", client.getClientId(), e.toString());
        }
    }

    /** Called by the client's own thread. */
    private final class Receiver implements MqttCallback {
        private final long connection;

        Receiver(long connection) {
            this.connection = connection;
        }

        @Override
        public void messageArrived(String topic, MqttMessage message) throws InterruptedException {
            int id = split.feed().durable() && message.getQos() > 0 ? message.getId() : 0;
            handOver.put(new Delivery(connection, id, topic, message.getPayload(), System.currentTimeMillis()));
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {
            boolean takenOver = response.getReturnCode() == MqttReturnCode.RETURN_CODE_SESSION_TAKEN_OVER;
            events.add(new Event.Lost(connection, takenOver));
        }

        @Override
        public void mqttErrorOccurred(MqttException e) {
            LOG.warn("{}: {}", clientId, e.toString());
        }

        @Override
        public void deliveryComplete(IMqttToken token) {
            // Nothing is published here.
        }

        @Override
        public void connectComplete(boolean reconnect, String serverUri) {
            // The session's thread waits for the connection itself.
        }

        @Override
        public void authPacketArrived(int reasonCode, MqttProperties properties) {
            // No extended authentication is used.
        }
    }
}
