package dev.tocsin.stream.source.reader;

import dev.tocsin.stream.broker.BrokerAccess;
import dev.tocsin.stream.broker.Parting;
import dev.tocsin.stream.source.ConnectedSessions;
import dev.tocsin.stream.source.split.MqttSplit;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClientException;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.MqttReturnCode;
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

        /** The broker's word on the subscription, or a message, which says as much. */
        record Subscribed(long connection, int reason) implements Event {}

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
    /** Whether the broker said so on the current connection; the session's thread alone knows. */
    private boolean subscribed;

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

    /** Has its own thread take leave of the broker, which may take a while. */
    void leave() {
        closed = true;
        handOver.close();
        events.add(new Event.Closed());
    }

    /** Waits until it has left. */
    @Override
    public void close() {
        leave();
        try {
            thread.join(WAIT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        ConnectedSessions.gone(clientId, this);
    }

    private void run() {
        long retryMs = FIRST_RETRY_MS;
        boolean said = false;
        while (!closed) {
            long connection = connections.incrementAndGet();
            MqttAsyncClient client = null;
            boolean takenOver = false;
            subscribed = false;
            try {
                handOver.awaitEmpty();
                client = connect(connection);
                takenOver = serve(client, connection);
            } catch (MqttException e) {
                if (!said || subscribed) {
                    LOG.warn("{} cannot read from {}: {}; trying again until it can", clientId, broker, e.toString());
                }
                said = true;
            } catch (InterruptedException e) {
                return;
            } finally {
                ConnectedSessions.gone(clientId, this);
                Parting.from(client);
            }
            if (subscribed) {
                retryMs = FIRST_RETRY_MS;
                said = false;
            }
            if (takenOver) {
                LOG.warn("{} was taken over by another client; waiting {} ms", clientId, AFTER_TAKE_OVER_MS);
                retryMs = AFTER_TAKE_OVER_MS;
            }
            retryMs = waitToRetry(retryMs);
        }
    }

    private MqttAsyncClient connect(long connection) throws MqttException {
        MqttAsyncClient client = new MqttAsyncClient(broker.clientUrl(), clientId, new MemoryPersistence());
        try {
            client.setManualAcks(split.feed().durable());
            client.setCallback(new Receiver(connection));
            client.connect(broker.options(split.feed().durable(), window.receiveMaximum(), KEEP_ALIVE_SECONDS))
                    .waitForCompletion(WAIT_MS);
            // Not waited for here: a resumed session may send a full queue before the answer, and who waits does not
            // acknowledge, so that neither would ever come.
            client.subscribe(split.filter(), 1, null, new Answer(connection));
            return client;
        } catch (MqttException e) {
            Parting.from(client);
            throw e;
        }
    }

    /** Until the connection is lost or the session closed; says whether another client took over. */
    private boolean serve(MqttAsyncClient client, long connection) throws InterruptedException, MqttException {
        long answerByNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(WAIT_MS);
        while (true) {
            Event event =
                    subscribed ? events.take() : events.poll(answerByNanos - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (event == null) {
                throw new MqttException(MqttClientException.REASON_CODE_CLIENT_TIMEOUT);
            }
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
            } else if (event instanceof Event.Subscribed answer && answer.connection() == connection) {
                if (answer.reason() >= MqttReturnCode.RETURN_CODE_UNSPECIFIED_ERROR) {
                    throw new MqttException(answer.reason());
                }
                if (!subscribed) {
                    subscribed = true;
                    ConnectedSessions.connected(clientId, this);
                    LOG.debug("{} reads {} at {}", clientId, split.filter(), broker);
                }
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

    /** What becomes of the subscription; called by the client's own thread. */
    private final class Answer implements MqttActionListener {
        private final long connection;

        Answer(long connection) {
            this.connection = connection;
        }

        @Override
        public void onSuccess(IMqttToken token) {
            for (int reason : token.getReasonCodes()) {
                events.add(new Event.Subscribed(connection, reason));
            }
        }

        @Override
        public void onFailure(IMqttToken token, Throwable cause) {
            int reason = cause instanceof MqttException e ? e.getReasonCode() : 0;
            events.add(
                    new Event.Subscribed(connection, Math.max(reason, MqttReturnCode.RETURN_CODE_UNSPECIFIED_ERROR)));
        }
    }

    /** Called by the client's own thread. */
    private final class Receiver implements MqttCallback {
        private final long connection;
        private boolean heard;

        Receiver(long connection) {
            this.connection = connection;
        }

        @Override
        public void messageArrived(String topic, MqttMessage message) throws InterruptedException {
            if (!heard) {
                heard = true;
                events.add(new Event.Subscribed(connection, MqttReturnCode.RETURN_CODE_SUCCESS));
            }
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
