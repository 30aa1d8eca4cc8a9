package dev.tocsin.cloud.broker;

import dev.tocsin.profiles.wire.PromptSockets;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One session that is always being connected: its own thread connects, subscribes, waits for the end of the connection
 * and begins again. Every connection has its own client, so that an acknowledgement can never meet a packet of a later
 * connection. Messages arrive on the client's thread, in order.
 */
public final class BrokerSession implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BrokerSession.class);
    private static final long NEVER_EXPIRES = 0xFFFFFFFFL;
    private static final int KEEP_ALIVE_SECONDS = 5;
    private static final long REQUEST_TIMEOUT_MS = 5_000;
    private static final long MIN_PAUSE_MS = 200;
    private static final long MAX_PAUSE_MS = 5_000;

    private final BrokerAddress address;
    private final Subscription subscription;
    private final Listener listener;
    private final Clock clock;
    private final Thread thread;
    private volatile @Nullable MqttAsyncClient connected;
    private volatile @Nullable Instant lastConnected;
    private volatile boolean closed;

    /**
     * What the session asks for.
     *
     * @param durable whether the broker keeps it, and what it is owed, while nobody is connected
     * @param window messages that may be un-acknowledged
     */
    public record Subscription(String clientId, boolean durable, int qos, int window, List<String> filters) {
        public Subscription {
            filters = List.copyOf(filters);
        }
    }

    /** Takes what arrives. */
    public interface Listener {
        /**
         * @param acknowledge to be called once the message is where it belongs, on any thread; without effect when the
         *     connection has ended, and the message then comes again
         */
        void arrived(String topic, byte[] payload, Runnable acknowledge);

        /** Subscribed; called on the session's thread. */
        default void connected() {}
    }

    public BrokerSession(BrokerAddress address, Subscription subscription, Listener listener, Clock clock) {
        this.address = address;
        this.subscription = subscription;
        this.listener = listener;
        this.clock = clock;
        this.thread = new Thread(this::run, subscription.clientId());
        this.thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    public boolean isConnected() {
        MqttAsyncClient client = connected;
        return client != null && client.isConnected();
    }

    /** When the session last was connected; null before the first connection. */
    public @Nullable Instant lastConnected() {
        return isConnected() ? clock.instant() : lastConnected;
    }

    /**
     * Publishes with QoS 1, retained, and waits for the broker's word.
     *
     * @return false when it is not certain that the broker has it
     */
    public boolean publishRetained(String topic, byte[] payload) {
        return publish(topic, new MqttMessage(payload, 1, true, new MqttProperties()));
    }

    /**
     * Publishes with QoS 1 what is worth nothing after a time, and waits for the broker's word.
     *
     * @return false when it is not certain that the broker has it
     */
    public boolean publishExpiring(String topic, byte[] payload, long expirySeconds) {
        MqttProperties properties = new MqttProperties();
        properties.setMessageExpiryInterval(expirySeconds);
        return publish(topic, new MqttMessage(payload, 1, false, properties));
    }

    private boolean publish(String topic, MqttMessage message) {
        MqttAsyncClient client = connected;
        if (client == null) {
            return false;
        }
        try {
            IMqttToken token = client.publish(topic, message);
            token.waitForCompletion(REQUEST_TIMEOUT_MS);
            return token.isComplete() && token.getException() == null;
        } catch (MqttException e) {
            LOG.warn("{} was not published: {}", topic, e.toString());
            return false;
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
        try {
            thread.join(REQUEST_TIMEOUT_MS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        long pauseMs = MIN_PAUSE_MS;
        while (!closed) {
            CountDownLatch ended = new CountDownLatch(1);
            MqttAsyncClient client = null;
            try {
                client = new MqttAsyncClient(
                        PromptSockets.clientUrl(address.url()), subscription.clientId(), new MemoryPersistence());
                connect(client, ended);
                pauseMs = MIN_PAUSE_MS;
                ended.await();
            } catch (MqttException e) {
                LOG.debug("{}: {}", subscription.clientId(), e.toString());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            lastConnected = connected == null ? lastConnected : clock.instant();
            connected = null;
            end(client);
            if (!closed && !pause(pauseMs)) {
                return;
            }
            pauseMs = Math.min(2 * pauseMs, MAX_PAUSE_MS);
        }
    }

    private void connect(MqttAsyncClient client, CountDownLatch ended) throws MqttException {
        client.setManualAcks(true);
        client.setCallback(new Callback(client, ended));
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setAutomaticReconnect(false);
        options.setSocketFactory(PromptSockets.of(address.url()));
        options.setCleanStart(!subscription.durable());
        options.setSessionExpiryInterval(subscription.durable() ? NEVER_EXPIRES : 0L);
        options.setReceiveMaximum(subscription.window());
        options.setKeepAliveInterval(KEEP_ALIVE_SECONDS);
        options.setConnectionTimeout((int) TimeUnit.MILLISECONDS.toSeconds(REQUEST_TIMEOUT_MS));
        if (!address.user().isEmpty()) {
            options.setUserName(address.user());
            options.setPassword(address.password().getBytes(StandardCharsets.UTF_8));
        }
        client.connect(options).waitForCompletion(REQUEST_TIMEOUT_MS);
        String[] filters = subscription.filters().toArray(new String[0]);
        int[] qos = new int[filters.length];
        java.util.Arrays.fill(qos, subscription.qos());
        client.subscribe(filters, qos).waitForCompletion(REQUEST_TIMEOUT_MS);
        connected = client;
        LOG.info("{} is connected to {}", subscription.clientId(), address.url());
        listener.connected();
    }

    private static void end(@Nullable MqttAsyncClient client) {
        if (client == null) {
            return;
        }
        try {
            if (client.isConnected()) {
                client.disconnectForcibly(0, 500, true);
            }
            client.close(true);
        } catch (MqttException e) {
            LOG.debug("closing", e);
        }
    }

    private static boolean pause(long pauseMs) {
        try {
            Thread.sleep(pauseMs);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private final class Callback implements MqttCallback {
        private final MqttAsyncClient client;
        private final CountDownLatch ended;

        Callback(MqttAsyncClient client, CountDownLatch ended) {
            this.client = client;
            this.ended = ended;
        }

        @Override
        public void messageArrived(String topic, MqttMessage message) {
            int id = message.getId();
            int qos = message.getQos();
            listener.arrived(topic, message.getPayload(), () -> acknowledge(id, qos));
        }

        private void acknowledge(int id, int qos) {
            try {
                if (qos > 0) {
                    client.messageArrivedComplete(id, qos);
                }
            } catch (MqttException e) {
                LOG.debug("not acknowledged, it will come again", e);
            }
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {
            if (!closed) {
                LOG.warn("{} lost the broker: {}", subscription.clientId(), response.getReasonString());
            }
            ended.countDown();
        }

        @Override
        public void mqttErrorOccurred(MqttException e) {
            LOG.warn("{}: {}", subscription.clientId(), e.toString());
        }

        @Override
        public void deliveryComplete(IMqttToken token) {
            // publishRetained waits for its own token.
        }

        @Override
        public void connectComplete(boolean reconnect, String uri) {
            // The session's thread subscribes: doing it here would wait for itself.
        }

        @Override
        public void authPacketArrived(int reasonCode, MqttProperties properties) {
            // No extended authentication is offered.
        }
    }
}
