package dev.tocsin.stream.broker;

import dev.tocsin.profiles.wire.Topics;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttClientException;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** The desired state that the broker holds at a moment. */
public final class RetainedState {
    private static final long WAIT_MS = 10_000;
    /** MQTT does not say which retained message is the last one. */
    private static final long QUIET_MS = 1_000;

    private static final int RECEIVE_MAXIMUM = 1_000;
    private static final int KEEP_ALIVE_SECONDS = 10;

    private RetainedState() {}

    private record Heard(String topic, byte[] payload) {}

    /**
     * Asks for everything below {@link Topics#STATE_FILTER}, and returns when nothing more came for a second.
     *
     * @return payload by topic
     * @throws MqttException when the broker is away or refuses
     */
    public static Map<String, byte[]> read(BrokerAccess broker) throws MqttException, InterruptedException {
        BlockingQueue<Heard> heard = new LinkedBlockingQueue<>();
        MqttAsyncClient client =
                new MqttAsyncClient(broker.clientUrl(), "tocsin-state-" + UUID.randomUUID(), new MemoryPersistence());
        try {
            client.setCallback(new Listener(heard));
            client.connect(broker.options(false, RECEIVE_MAXIMUM, KEEP_ALIVE_SECONDS))
                    .waitForCompletion(WAIT_MS);
            client.subscribe(Topics.STATE_FILTER, 1).waitForCompletion(WAIT_MS);
            Map<String, byte[]> state = new LinkedHashMap<>();
            for (Heard next = heard.poll(QUIET_MS, TimeUnit.MILLISECONDS);
                    next != null;
                    next = heard.poll(QUIET_MS, TimeUnit.MILLISECONDS)) {
                if (next.payload().length == 0) {
                    state.remove(next.topic());
                } else {
                    state.put(next.topic(), next.payload());
                }
            }
            if (!client.isConnected()) {
                throw new MqttException(MqttClientException.REASON_CODE_CONNECTION_LOST);
            }
            return state;
        } finally {
            Parting.from(client);
        }
    }

    private record Listener(BlockingQueue<Heard> heard) implements MqttCallback {
        @Override
        public void messageArrived(String topic, MqttMessage message) {
            heard.add(new Heard(topic, message.getPayload()));
        }

        @Override
        public void disconnected(MqttDisconnectResponse response) {
            // Seen when no more messages come.
        }

        @Override
        public void mqttErrorOccurred(MqttException fault) {
            // Ends in a disconnection, or does not matter.
        }

        @Override
        public void deliveryComplete(IMqttToken token) {
            // Nothing is published here.
        }

        @Override
        public void connectComplete(boolean reconnect, String serverUri) {
            // The connect is waited for.
        }

        @Override
        public void authPacketArrived(int reasonCode, MqttProperties properties) {
            // No extended authentication is used.
        }
    }
}
