package dev.tocsin.standalone.field;

import dev.tocsin.profiles.wire.PromptSockets;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.eclipse.paho.mqttv5.common.packet.UserProperty;

/**
 * Publishes at QoS 1 as a careful device does: never more than a window unacknowledged, and what was not acknowledged is
 * sent again, after a reconnect too. A message is thus delivered at least once, and possibly out of order around a
 * reconnect.
 *
 * <p>Thread-safe.
 */
public final class FieldPublisher implements AutoCloseable {
    /** Reason codes from here on are refusals; Paho calls a refused publication a success. */
    private static final int REFUSED = 0x80;

    private static final long RECONNECT_PAUSE_MS = 200;

    private final MqttAsyncClient client;
    private final MqttConnectionOptions options;
    private final Semaphore window;
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicLong acknowledged = new AtomicLong();
    private final Object connecting = new Object();

    /**
     * Connects, or throws at once where the broker refuses.
     *
     * @param windowSize most messages unacknowledged at a time, 1 to 60,000
     */
    public FieldPublisher(String brokerUrl, String clientId, String user, String password, int windowSize)
            throws MqttException {
        client = new MqttAsyncClient(PromptSockets.clientUrl(brokerUrl), clientId, new MemoryPersistence());
        options = new MqttConnectionOptions();
        options.setUserName(user);
        options.setPassword(password.getBytes(StandardCharsets.UTF_8));
        options.setAutomaticReconnect(false);
        options.setSocketFactory(PromptSockets.of(brokerUrl));
        options.setCleanStart(true);
        options.setConnectionTimeout(5);
        client.connect(options).waitForCompletion(10_000);
        Integer serverWindow = options.getReceiveMaximum();
        // Paho refuses a publish beyond the server's Receive Maximum instead of waiting for room.
        window = new Semaphore(serverWindow == null ? windowSize : Math.min(windowSize, serverWindow));
    }

    /** How many messages the broker has acknowledged. */
    public long acknowledged() {
        return acknowledged.get();
    }

    /**
     * Sends one message; waits while the window is full. The future completes when the broker acknowledged it, with its
     * reason code (0x10: acknowledged, and nobody subscribed).
     *
     * @param properties MQTT 5 user properties
     */
    public CompletableFuture<Integer> publish(String topic, byte[] payload, Map<String, String> properties)
            throws InterruptedException {
        MqttMessage message = new MqttMessage(payload);
        message.setQos(1);
        if (!properties.isEmpty()) {
            MqttProperties own = new MqttProperties();
            own.setUserProperties(properties.entrySet().stream()
                    .map(e -> new UserProperty(e.getKey(), e.getValue()))
                    .toList());
            message.setProperties(own);
        }
        CompletableFuture<Integer> done = new CompletableFuture<>();
        window.acquire();
        send(topic, message, done);
        return done;
    }

    /** Waits until everything that was published is acknowledged. */
    public void flush(List<CompletableFuture<Integer>> published) {
        CompletableFuture.allOf(published.toArray(new CompletableFuture<?>[0])).join();
    }

    private void send(String topic, MqttMessage message, CompletableFuture<Integer> done) {
        try {
            client.publish(topic, message, null, new MqttActionListener() {
                @Override
                public void onSuccess(IMqttToken token) {
                    int[] codes = token.getReasonCodes();
                    int code = codes == null || codes.length == 0 ? 0 : codes[0];
                    window.release();
                    if (code < REFUSED) {
                        acknowledged.incrementAndGet();
                        done.complete(code);
                    } else {
                        done.completeExceptionally(new IllegalStateException(
                                "refused with reason code 0x" + Integer.toHexString(code) + ": publish to " + topic));
                    }
                }

                @Override
                public void onFailure(IMqttToken token, Throwable cause) {
                    sendAgain(topic, message, done);
                }
            });
        } catch (MqttException e) {
            sendAgain(topic, message, done);
        }
    }

    /** Never on Paho's callback thread: a reconnect waits, and the callback thread is what it would wait for. */
    private void sendAgain(String topic, MqttMessage message, CompletableFuture<Integer> done) {
        CompletableFuture.runAsync(() -> {
            if (reconnect()) {
                send(topic, message, done);
            } else {
                window.release();
                done.completeExceptionally(new IllegalStateException("closed before " + topic + " was acknowledged"));
            }
        });
    }

    private boolean reconnect() {
        synchronized (connecting) {
            while (!closed.get() && !client.isConnected()) {
                try {
                    client.connect(options).waitForCompletion(5_000);
                } catch (MqttException e) {
                    try {
                        Thread.sleep(RECONNECT_PAUSE_MS);
                    } catch (InterruptedException interrupted) {
                        Thread.currentThread().interrupt();
                        return false;
                    }
                }
            }
            return !closed.get();
        }
    }

    @Override
    public void close() {
        closed.set(true);
        try {
            client.disconnectForcibly(0, 1_000, false);
        } catch (MqttException e) {
            // It was not connected: what close wants is already so.
        }
        try {
            client.close(true);
        } catch (MqttException e) {
            throw new IllegalStateException("MQTT client could not be closed", e);
        }
    }
}
