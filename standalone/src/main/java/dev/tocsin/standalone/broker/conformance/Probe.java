package dev.tocsin.standalone.broker.conformance;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
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

/** One connection that acknowledges only what it is told to, and remembers what came. */
final class Probe implements AutoCloseable {
    private static final long ANSWER_MS = 20_000;
    private static final long FOR_EVER_SECONDS = 4_294_967_295L;
    static final int LARGEST_WINDOW = 65_535;

    private final MqttAsyncClient client;
    private final BlockingQueue<Received> received = new LinkedBlockingQueue<>();
    private final CountDownLatch gone = new CountDownLatch(1);

    /** A message as it came, not acknowledged yet. */
    record Received(String topic, String text, int packetId, int qos, boolean retained, int bytes) {}

    private Probe(MqttAsyncClient client) {
        this.client = client;
    }

    /** @param window Receive Maximum */
    static Probe lasting(BrokerUnderTest broker, String clientId, int window) throws MqttException {
        return connect(broker, clientId, false, FOR_EVER_SECONDS, window, null);
    }

    static Probe passing(BrokerUnderTest broker, String clientId) throws MqttException {
        return connect(broker, clientId, true, 0, LARGEST_WINDOW, null);
    }

    static Probe withWill(BrokerUnderTest broker, String clientId, String willTopic, String text) throws MqttException {
        return connect(broker, clientId, true, 0, LARGEST_WINDOW, new String[] {willTopic, text});
    }

    private static Probe connect(
            BrokerUnderTest broker,
            String clientId,
            boolean cleanStart,
            long expirySeconds,
            int window,
            String @Nullable [] will)
            throws MqttException {
        MqttAsyncClient client = new MqttAsyncClient(broker.url(), clientId, new MemoryPersistence());
        Probe probe = new Probe(client);
        client.setManualAcks(true);
        client.setCallback(probe.new Arrivals());
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setCleanStart(cleanStart);
        options.setSessionExpiryInterval(expirySeconds);
        options.setReceiveMaximum(window);
        options.setAutomaticReconnect(false);
        options.setKeepAliveInterval(30);
        options.setUserName(broker.user());
        options.setPassword(broker.password().getBytes(StandardCharsets.UTF_8));
        if (will != null) {
            MqttMessage message = new MqttMessage(will[1].getBytes(StandardCharsets.UTF_8));
            message.setQos(1);
            options.setWill(will[0], message);
            options.setWillMessageProperties(new MqttProperties());
        }
        client.connect(options).waitForCompletion(ANSWER_MS);
        return probe;
    }

    Probe subscribe(String filter) throws MqttException {
        client.subscribe(filter, 1).waitForCompletion(ANSWER_MS);
        return this;
    }

    /** Publishes at QoS 1 and returns the reason code of the acknowledgement. */
    int publish(String topic, String text) throws MqttException {
        return publish(topic, text.getBytes(StandardCharsets.UTF_8), false);
    }

    int publish(String topic, byte[] payload, boolean retained) throws MqttException {
        IMqttToken token = client.publish(topic, payload, 1, retained);
        token.waitForCompletion(ANSWER_MS);
        int[] codes = token.getReasonCodes();
        return codes == null || codes.length == 0 ? 0 : codes[0];
    }

    /** Publishes many without waiting for each. */
    void publishAll(String topic, int count) throws MqttException {
        List<IMqttToken> open = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            open.add(client.publish(topic, Integer.toString(i).getBytes(StandardCharsets.UTF_8), 1, false));
            if (open.size() == 500) {
                waitFor(open);
            }
        }
        waitFor(open);
    }

    private static void waitFor(List<IMqttToken> open) throws MqttException {
        for (IMqttToken token : open) {
            token.waitForCompletion(ANSWER_MS);
        }
        open.clear();
    }

    /** The next messages, none of them acknowledged; fewer when no more came for a while. */
    List<Received> take(int count) throws InterruptedException {
        List<Received> taken = new ArrayList<>();
        while (taken.size() < count) {
            Received next = received.poll(ANSWER_MS, TimeUnit.MILLISECONDS);
            if (next == null) {
                break;
            }
            taken.add(next);
        }
        return taken;
    }

    /** What comes within a moment, where nothing should. */
    List<Received> takeWithin(long quietMs) throws InterruptedException {
        List<Received> taken = new ArrayList<>();
        Received next = received.poll(quietMs, TimeUnit.MILLISECONDS);
        while (next != null) {
            taken.add(next);
            next = received.poll(quietMs, TimeUnit.MILLISECONDS);
        }
        return taken;
    }

    void acknowledge(List<Received> messages) throws MqttException {
        for (Received message : messages) {
            client.messageArrivedComplete(message.packetId(), message.qos());
        }
    }

    boolean wasDisconnected() throws InterruptedException {
        return gone.await(ANSWER_MS, TimeUnit.MILLISECONDS);
    }

    /** Ends the connection without a word, as a power cut does. */
    void vanish() throws MqttException {
        client.disconnectForcibly(0, 0, false);
        client.close(true);
    }

    @Override
    public void close() throws MqttException {
        if (client.isConnected()) {
            client.disconnect().waitForCompletion(ANSWER_MS);
        }
        client.close(true);
    }

    private final class Arrivals implements MqttCallback {
        @Override
        public void messageArrived(String topic, MqttMessage message) {
            byte[] payload = message.getPayload();
            received.add(new Received(
                    topic,
                    payload.length > 1_000 ? "" : new String(payload, StandardCharsets.UTF_8),
                    message.getId(),
                    message.getQos(),
                    message.isRetained(),
                    payload.length));
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {
            gone.countDown();
        }

        @Override
        public void mqttErrorOccurred(MqttException exception) {
            gone.countDown();
        }

        @Override
        public void deliveryComplete(IMqttToken token) {}

        @Override
        public void connectComplete(boolean reconnect, String serverUri) {}

        @Override
        public void authPacketArrived(int reasonCode, MqttProperties properties) {}
    }
}
