package dev.tocsin.stream.publish;

import dev.tocsin.stream.broker.BrokerAccess;
import dev.tocsin.stream.broker.Parting;
import dev.tocsin.stream.publish.Publication.Care;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
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
 * Brings publications to the broker in their order, over as many connections as it takes. One thread publishes
 * (Flink's), one sends and reconnects (its own), and the client's thread reports what arrived; all meet at this
 * object's monitor. What was in flight when a connection was lost is sent again: readers know a revision they have seen.
 * One publication that cannot be sent is kept as rejected input and holds nobody up; any other fault of the sending
 * thread is thrown at whoever publishes next.
 */
final class Publisher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);
    /** Beyond it the job waits: alerts are few, so the broker has been away for long. */
    private static final int MAX_WAITING = 10_000;
    /** Un-acknowledged at the broker, where its own Receive Maximum is not lower still. */
    private static final int MAX_IN_FLIGHT = 64;

    /** Fixed header, topic length, packet id and properties of a PUBLISH, generously. */
    private static final int PACKET_HEAD_BYTES = 32;

    private static final int KEEP_ALIVE_SECONDS = 30;
    private static final long WAIT_MS = 6_000;
    private static final long FIRST_RETRY_MS = 50;
    private static final long LONGEST_RETRY_MS = 1_000;

    private final BrokerAccess broker;
    private final String clientId;
    private final Clock clock;
    private final LongConsumer arrivedMs;
    private final Thread thread;
    // Guarded by this.
    private final Deque<Waiting> unsent = new ArrayDeque<>();
    private final Deque<Waiting> inFlight = new ArrayDeque<>();
    private long repeated;
    private long diverted;
    private long unheard;
    private @Nullable Throwable fault;
    private boolean closed;
    // Of the current connection, guarded by this.
    private int maxInFlight = MAX_IN_FLIGHT;
    private long maxPacketBytes = Long.MAX_VALUE;
    private boolean connected;
    private boolean refused;

    /** Waits to be sent, or for the broker's word; compared by identity. */
    private static final class Waiting {
        final Publication publication;
        /** When it was given to be published. */
        final long sinceNanos;

        Waiting(Publication publication, long sinceNanos) {
            this.publication = publication;
            this.sinceNanos = sinceNanos;
        }
    }

    /** @param arrivedMs told by the client's thread how long each took from {@link #publish} to the broker's word */
    Publisher(BrokerAccess broker, String clientId, Clock clock, LongConsumer arrivedMs) {
        this.broker = broker;
        this.clientId = clientId;
        this.clock = clock;
        this.arrivedMs = arrivedMs;
        this.thread = new Thread(this::run, clientId);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    synchronized void publish(Publication publication) throws InterruptedException {
        if (publication.care() == Care.NONE && !connected) {
            return;
        }
        while (!closed && fault == null && unsent.size() + inFlight.size() >= MAX_WAITING) {
            wait();
        }
        throwFault();
        unsent.addLast(new Waiting(publication, System.nanoTime()));
        notifyAll();
    }

    /** Waits until the broker has all that was published before. */
    synchronized void flush() throws InterruptedException {
        while (!closed && fault == null && !(unsent.isEmpty() && inFlight.isEmpty())) {
            wait();
        }
        throwFault();
    }

    private void throwFault() {
        if (fault != null) {
            throw new IllegalStateException(clientId + " can publish no more", fault);
        }
    }

    synchronized int waiting() {
        return unsent.size() + inFlight.size();
    }

    /** How often something was sent again. */
    synchronized long repeated() {
        return repeated;
    }

    /** Publications that no broker can be given; each was sent as rejected input instead. */
    synchronized long diverted() {
        return diverted;
    }

    /** Rejected input that nobody subscribes to, or that the broker refuses; given up. */
    synchronized long unheard() {
        return unheard;
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        try {
            thread.join(WAIT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        long retryMs = FIRST_RETRY_MS;
        boolean said = false;
        try {
            while (!isClosed()) {
                MqttAsyncClient client = null;
                try {
                    client = connect();
                    said = false;
                    retryMs = FIRST_RETRY_MS;
                    send(client);
                } catch (MqttException e) {
                    if (!said) {
                        LOG.warn("{} cannot publish at {}: {}; trying until it can", clientId, broker, e.toString());
                        said = true;
                    }
                } finally {
                    takeBack();
                    Parting.from(client);
                }
                pause(retryMs);
                retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            synchronized (this) {
                fault = e;
                notifyAll();
            }
        }
    }

    private MqttAsyncClient connect() throws MqttException {
        MqttAsyncClient client = new MqttAsyncClient(broker.clientUrl(), clientId, new MemoryPersistence());
        try {
            client.setCallback(new Lost());
            IMqttToken token = client.connect(broker.options(false, 16, KEEP_ALIVE_SECONDS));
            token.waitForCompletion(WAIT_MS);
            MqttProperties server = token.getResponseProperties();
            Integer receiveMaximum = server == null ? null : server.getReceiveMaximum();
            Long packetMaximum = server == null ? null : server.getMaximumPacketSize();
            synchronized (this) {
                maxInFlight = receiveMaximum == null ? MAX_IN_FLIGHT : Math.min(MAX_IN_FLIGHT, receiveMaximum);
                maxPacketBytes = packetMaximum == null ? Long.MAX_VALUE : packetMaximum;
                refused = false;
                connected = true;
            }
            return client;
        } catch (MqttException e) {
            Parting.from(client);
            throw e;
        }
    }

    /** Until the connection is lost, a publication is refused, or this is closed. */
    private void send(MqttAsyncClient client) throws MqttException, InterruptedException {
        while (true) {
            Waiting sent;
            synchronized (this) {
                while (!closed && connected && !refused && (unsent.isEmpty() || inFlight.size() >= maxInFlight)) {
                    wait();
                }
                if (closed || !connected || refused) {
                    return;
                }
                sent = unsent.removeFirst();
                if (sent.publication.care() == Care.NONE) {
                    notifyAll();
                } else {
                    inFlight.addLast(sent);
                }
            }
            Publication next = sent.publication;
            int qos = next.care() == Care.NONE ? 0 : 1;
            MqttMessage message = new MqttMessage(next.payload(), qos, false, new MqttProperties());
            try {
                requireFits(next);
                client.publish(next.topic(), message, null, qos == 0 ? null : new Outcome(sent));
            } catch (RuntimeException e) {
                divert(sent, e);
            }
        }
    }

    /** The client itself notices too late, and ends the connection. */
    private synchronized void requireFits(Publication publication) {
        long bytes = PACKET_HEAD_BYTES
                + (long) publication.topic().getBytes(StandardCharsets.UTF_8).length
                + publication.payload().length;
        if (bytes > maxPacketBytes) {
            throw new IllegalArgumentException(bytes + " bytes; the broker takes " + maxPacketBytes);
        }
    }

    /** The client refuses this publication, and would as often as it were tried. */
    private synchronized void divert(Waiting sent, RuntimeException why) {
        LOG.error("{} cannot publish on {}, which is rejected input now", clientId, sent.publication.topic(), why);
        diverted++;
        inFlight.remove(sent);
        if (sent.publication.care() == Care.SURE) {
            Publication instead = sent.publication.rejected(why, clock.instant());
            unsent.addFirst(new Waiting(instead, sent.sinceNanos));
        }
        notifyAll();
    }

    /** What is not known to have arrived goes back to the front, in its order. */
    private synchronized void takeBack() {
        connected = false;
        List<Waiting> again = new ArrayList<>(inFlight);
        inFlight.clear();
        repeated += again.size();
        for (int i = again.size() - 1; i >= 0; i--) {
            unsent.addFirst(again.get(i));
        }
        unsent.removeIf(waiting -> waiting.publication.care() == Care.NONE);
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private synchronized void pause(long ms) throws InterruptedException {
        long untilNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(ms);
        for (long left = ms; !closed && left > 0; ) {
            wait(left);
            left = TimeUnit.NANOSECONDS.toMillis(untilNanos - System.nanoTime());
        }
    }

    /** The broker's word on one publication. */
    private final class Outcome implements MqttActionListener {
        private final Waiting sent;

        Outcome(Waiting sent) {
            this.sent = sent;
        }

        @Override
        public void onSuccess(IMqttToken token) {
            synchronized (Publisher.this) {
                if (hasArrived(token)) {
                    inFlight.remove(sent);
                    arrivedMs.accept(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sent.sinceNanos));
                } else if (sent.publication.care() == Care.ANSWERED) {
                    LOG.warn("{}: nobody takes what is published on {}", clientId, sent.publication.topic());
                    unheard++;
                    inFlight.remove(sent);
                } else {
                    // Nobody subscribes (0x10), or a refusal: it did not arrive. All in flight is sent again.
                    refused = true;
                }
                Publisher.this.notifyAll();
            }
        }

        @Override
        public void onFailure(IMqttToken token, Throwable cause) {
            synchronized (Publisher.this) {
                refused = true;
                Publisher.this.notifyAll();
            }
        }

        private boolean hasArrived(IMqttToken token) {
            int[] reasons = token.getReasonCodes();
            return reasons == null || reasons.length == 0 || reasons[0] == MqttReturnCode.RETURN_CODE_SUCCESS;
        }
    }

    /** Called by the client's own thread. */
    private final class Lost implements MqttCallback {
        @Override
        public void disconnected(MqttDisconnectResponse response) {
            synchronized (Publisher.this) {
                connected = false;
                Publisher.this.notifyAll();
            }
        }

        @Override
        public void mqttErrorOccurred(MqttException e) {
            LOG.warn("{}: {}", clientId, e.toString());
        }

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            // Subscribes to nothing.
        }

        @Override
        public void deliveryComplete(IMqttToken token) {
            // Each publication has its own listener.
        }

        @Override
        public void connectComplete(boolean reconnect, String serverUri) {
            // The publisher's thread waits for the connection itself.
        }

        @Override
        public void authPacketArrived(int reasonCode, MqttProperties properties) {
            // No extended authentication is used.
        }
    }
}
