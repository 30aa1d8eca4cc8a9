package dev.tocsin.stream.publish;

import dev.tocsin.stream.broker.BrokerAccess;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
 */
final class Publisher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);
    /** Beyond it the job waits: alerts are few, so the broker has been away for long. */
    private static final int MAX_WAITING = 10_000;
    /** Un-acknowledged at the broker, where its own Receive Maximum is not lower still. */
    private static final int MAX_IN_FLIGHT = 64;

    private static final int KEEP_ALIVE_SECONDS = 30;
    private static final long WAIT_MS = 6_000;
    private static final long FIRST_RETRY_MS = 50;
    private static final long LONGEST_RETRY_MS = 1_000;

    private final BrokerAccess broker;
    private final String clientId;
    private final Thread thread;
    // Guarded by this.
    private final Deque<Publication> unsent = new ArrayDeque<>();
    private final Deque<InFlight> inFlight = new ArrayDeque<>();
    private long repeated;
    private boolean closed;
    // Of the current connection, guarded by this.
    private int maxInFlight = MAX_IN_FLIGHT;
    private boolean connected;
    private boolean refused;

    /** Sent and not yet acknowledged; compared by identity. */
    private static final class InFlight {
        final Publication publication;

        InFlight(Publication publication) {
            this.publication = publication;
        }
    }

    Publisher(BrokerAccess broker, String clientId) {
        this.broker = broker;
        this.clientId = clientId;
        this.thread = new Thread(this::run, clientId);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    synchronized void publish(Publication publication) throws InterruptedException {
        if (!publication.sure() && !connected) {
            return;
        }
        while (!closed && unsent.size() + inFlight.size() >= MAX_WAITING) {
            wait();
        }
        unsent.addLast(publication);
        notifyAll();
    }

    /** Waits until the broker has all that was published before. */
    synchronized void flush() throws InterruptedException {
        while (!closed && !(unsent.isEmpty() && inFlight.isEmpty())) {
            wait();
        }
    }

    synchronized int waiting() {
        return unsent.size() + inFlight.size();
    }

    /** How often something was sent again. */
    synchronized long repeated() {
        return repeated;
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
                    end(client);
                }
                pause(retryMs);
                retryMs = Math.min(2 * retryMs, LONGEST_RETRY_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private MqttAsyncClient connect() throws MqttException {
        MqttAsyncClient client = new MqttAsyncClient(broker.url(), clientId, new MemoryPersistence());
        try {
            client.setCallback(new Lost());
            IMqttToken token = client.connect(broker.options(false, 16, KEEP_ALIVE_SECONDS));
            token.waitForCompletion(WAIT_MS);
            Integer serverMaximum = token.getResponseProperties() == null
                    ? null
                    : token.getResponseProperties().getReceiveMaximum();
            synchronized (this) {
                maxInFlight = serverMaximum == null ? MAX_IN_FLIGHT : Math.min(MAX_IN_FLIGHT, serverMaximum);
                refused = false;
                connected = true;
            }
            return client;
        } catch (MqttException e) {
            end(client);
            throw e;
        }
    }

    /** Until the connection is lost, a publication is refused, or this is closed. */
    private void send(MqttAsyncClient client) throws MqttException, InterruptedException {
        while (true) {
            Publication next;
            InFlight sent;
            synchronized (this) {
                while (!closed && connected && !refused && (unsent.isEmpty() || inFlight.size() >= maxInFlight)) {
                    wait();
                }
                if (closed || !connected || refused) {
                    return;
                }
                next = unsent.removeFirst();
                sent = new InFlight(next);
                if (next.sure()) {
                    inFlight.addLast(sent);
                } else {
                    notifyAll();
                }
            }
            MqttMessage message = new MqttMessage(next.payload(), next.sure() ? 1 : 0, false, new MqttProperties());
            client.publish(next.topic(), message, null, next.sure() ? new Outcome(sent) : null);
        }
    }

    /** What is not known to have arrived goes back to the front, in its order. */
    private synchronized void takeBack() {
        connected = false;
        List<InFlight> again = new ArrayList<>(inFlight);
        inFlight.clear();
        repeated += again.size();
        for (int i = again.size() - 1; i >= 0; i--) {
            unsent.addFirst(again.get(i).publication);
        }
        unsent.removeIf(publication -> !publication.sure());
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

    /** The broker's word on one publication. */
    private final class Outcome implements MqttActionListener {
        private final InFlight sent;

        Outcome(InFlight sent) {
            this.sent = sent;
        }

        @Override
        public void onSuccess(IMqttToken token) {
            synchronized (Publisher.this) {
                if (hasArrived(token)) {
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
