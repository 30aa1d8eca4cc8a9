package dev.tocsin.standalone.river;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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

/** Hears every publication on the alert topic through a persistent session. Thread-safe. */
final class AlertTopic implements MqttCallback, AutoCloseable {
    private final MqttAsyncClient client;
    private final List<Alert> publications = new ArrayList<>();
    private final Map<String, Long> firstHeardNanos = new ConcurrentHashMap<>();

    /** The topic of the platform. */
    AlertTopic(String brokerUrl, String clientId, String user, String password) throws MqttException {
        this(brokerUrl, clientId, user, password, Topics.ALERTS_FILTER);
    }

    /** @param filter that of another topic of alerts, as of what an agent raised */
    AlertTopic(String brokerUrl, String clientId, String user, String password, String filter) throws MqttException {
        client = new MqttAsyncClient(brokerUrl, clientId, new MemoryPersistence());
        client.setCallback(this);
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setUserName(user);
        options.setPassword(password.getBytes(StandardCharsets.UTF_8));
        options.setCleanStart(false);
        options.setSessionExpiryInterval(0xFFFFFFFFL);
        options.setAutomaticReconnect(true);
        options.setAutomaticReconnectDelay(1, 1);
        options.setMaxReconnectDelay(1_000);
        client.connect(options).waitForCompletion(10_000);
        client.subscribe(filter, 1).waitForCompletion(10_000);
    }

    /** Everything heard so far, in order; a publication may be heard twice after a broken connection. */
    List<Alert> publications() {
        synchronized (publications) {
            return List.copyOf(publications);
        }
    }

    List<Alert> of(String device) {
        return publications().stream().filter(a -> a.device().equals(device)).toList();
    }

    /** {@link System#nanoTime} of the first publication of an alert; null while there is none. */
    @Nullable
    Long firstHeardNanos(String id) {
        return firstHeardNanos.get(id);
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        Alert alert = AlertJson.read(message.getPayload());
        firstHeardNanos.putIfAbsent(alert.id(), System.nanoTime());
        synchronized (publications) {
            publications.add(alert);
        }
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {
        // Paho reconnects by itself; the session keeps what was missed.
    }

    @Override
    public void mqttErrorOccurred(MqttException exception) {
        // As above.
    }

    @Override
    public void deliveryComplete(IMqttToken token) {
        // It never publishes.
    }

    @Override
    public void connectComplete(boolean reconnect, String serverUri) {
        // The subscription is part of the session.
    }

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {
        // No enhanced authentication is used.
    }

    @Override
    public void close() throws MqttException {
        client.disconnectForcibly(0, 1_000, false);
        client.close(true);
    }
}
