package dev.tocsin.agent.uplink;

import dev.tocsin.agent.link.BrokerAddress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One connection to the cloud's broker, from connect to loss; never reused. */
final class BrokerLink {
    /** Publications of all lanes on their way; the server's Receive Maximum bounds it further. */
    static final int MAX_IN_FLIGHT = 32;

    private static final Logger LOG = LoggerFactory.getLogger(BrokerLink.class);
    private static final int KEEP_ALIVE_SECONDS = 10;
    private static final long CONNECT_MS = 10_000;
    private static final int UNSET_RECEIVE_MAXIMUM = 65_535;

    private final MqttAsyncClient client;
    private final Events events;
    private final AtomicInteger inFlight = new AtomicInteger();
    private final AtomicBoolean lost = new AtomicBoolean();
    private int room = MAX_IN_FLIGHT;

    /** What happens on the client's threads. */
    interface Events {
        /** @param error 0 when the broker has it and somebody is subscribed, else the reason code or -1 */
        void published(LaneSender.Flight flight, int error);

        void lost();

        /** @param expirySeconds what was left of the message's expiry; nothing where it has none */
        void arrived(String topic, byte[] payload, @Nullable Long expirySeconds);
    }

    BrokerLink(BrokerAddress broker, String clientId, Events events) throws MqttException {
        this.events = events;
        client = new MqttAsyncClient(broker.clientUrl(), clientId, new MemoryPersistence());
        client.setCallback(new Callback());
    }

    /** Connects, with the last will; blocks until it is done. */
    void connect(BrokerAddress broker, String willTopic, byte[] will) throws MqttException, IOException {
        MqttConnectionOptions options = broker.options(KEEP_ALIVE_SECONDS);
        options.setCleanStart(true);
        options.setSessionExpiryInterval(0L);
        MqttMessage lastWill = new MqttMessage(will, 1, true, new MqttProperties());
        options.setWill(willTopic, lastWill);
        options.setWillMessageProperties(new MqttProperties());
        IMqttToken connected = client.connect(options);
        connected.waitForCompletion(CONNECT_MS);
        Integer receiveMaximum = connected.getResponseProperties() == null
                ? null
                : connected.getResponseProperties().getReceiveMaximum();
        // One is kept for the presence.
        int server = (receiveMaximum == null ? UNSET_RECEIVE_MAXIMUM : receiveMaximum) - 1;
        room = Math.max(1, Math.min(MAX_IN_FLIGHT, server));
    }

    /** @return those that the broker refuses */
    List<String> subscribe(String... filters) throws MqttException {
        List<String> refused = new ArrayList<>();
        MqttSubscription[] subscriptions = new MqttSubscription[filters.length];
        for (int i = 0; i < filters.length; i++) {
            subscriptions[i] = new MqttSubscription(filters[i], 1);
        }
        IMqttToken token = client.subscribe(subscriptions);
        token.waitForCompletion(CONNECT_MS);
        for (int i = 0; i < filters.length; i++) {
            if (token.getReasonCodes()[i] >= 0x80) {
                LOG.error("the broker refuses the subscription {}", filters[i]);
                refused.add(filters[i]);
            }
        }
        return List.copyOf(refused);
    }

    boolean hasRoom() {
        return !lost.get() && inFlight.get() < room;
    }

    boolean isLost() {
        return lost.get();
    }

    int inFlight() {
        return inFlight.get();
    }

    /** @return false when it did not even leave: to be tried again later */
    boolean publish(String topic, byte[] payload, LaneSender.Flight flight) {
        inFlight.incrementAndGet();
        try {
            client.publish(topic, new MqttMessage(payload, 1, false, new MqttProperties()), null, new Outcome(flight));
            return true;
        } catch (MqttException e) {
            inFlight.decrementAndGet();
            LOG.debug("a publication did not leave", e);
            return false;
        }
    }

    void publishRetained(String topic, byte[] payload, long patienceMs) throws MqttException {
        client.publish(topic, new MqttMessage(payload, 1, true, new MqttProperties()))
                .waitForCompletion(patienceMs);
    }

    void publishRetained(String topic, byte[] payload) throws MqttException {
        client.publish(topic, new MqttMessage(payload, 1, true, new MqttProperties()));
    }

    void close() {
        lost.set(true);
        try {
            if (client.isConnected()) {
                client.disconnect(1_000).waitForCompletion(2_000);
            }
        } catch (MqttException e) {
            LOG.debug("leaving the broker", e);
        }
        try {
            client.disconnectForcibly(0, 100, false);
        } catch (MqttException e) {
            LOG.debug("leaving the broker", e);
        }
        try {
            client.close(true);
        } catch (MqttException e) {
            LOG.debug("closing the client", e);
        }
    }

    private final class Outcome implements MqttActionListener {
        private final LaneSender.Flight flight;

        Outcome(LaneSender.Flight flight) {
            this.flight = flight;
        }

        @Override
        public void onSuccess(IMqttToken token) {
            inFlight.decrementAndGet();
            int[] codes = token.getReasonCodes();
            // 0x10: the broker has thrown it away, because nobody is subscribed. Others below 0x80 do not exist.
            events.published(flight, codes == null || codes.length == 0 ? 0 : codes[0]);
        }

        @Override
        public void onFailure(IMqttToken token, Throwable cause) {
            inFlight.decrementAndGet();
            events.published(flight, -1);
        }
    }

    private final class Callback implements MqttCallback {
        @Override
        public void messageArrived(String topic, MqttMessage message) {
            MqttProperties properties = message.getProperties();
            Long expirySeconds = properties == null ? null : properties.getMessageExpiryInterval();
            events.arrived(topic, message.getPayload(), expirySeconds);
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {
            if (lost.compareAndSet(false, true)) {
                events.lost();
            }
        }

        @Override
        public void mqttErrorOccurred(MqttException e) {
            LOG.warn("the broker or the way to it: {}", e.getMessage());
        }

        @Override
        public void deliveryComplete(IMqttToken token) {
            // Each publication has its own listener.
        }

        @Override
        public void connectComplete(boolean reconnect, String serverUri) {
            // The thread that connects goes on by itself.
        }

        @Override
        public void authPacketArrived(int reasonCode, @Nullable MqttProperties properties) {
            // Enhanced authentication is not used.
        }
    }
}
