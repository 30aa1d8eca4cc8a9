package dev.tocsin.agent;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** Something in the field that hears a topic, in order. */
final class Siren implements MqttCallback, AutoCloseable {
    /** What it was told, in order. */
    final List<String> orders = Collections.synchronizedList(new ArrayList<>());

    private final MqttAsyncClient client;

    Siren(String url, String topic) throws MqttException {
        client = new MqttAsyncClient(url, "siren-" + System.nanoTime(), new MemoryPersistence());
        client.setCallback(this);
        client.connect().waitForCompletion(10_000);
        client.subscribe(topic, 1).waitForCompletion(10_000);
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        orders.add(new String(message.getPayload(), StandardCharsets.UTF_8));
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {
        // The broker lives as long as the test.
    }

    @Override
    public void mqttErrorOccurred(MqttException e) {
        // As above.
    }

    @Override
    public void deliveryComplete(IMqttToken token) {
        // It says nothing.
    }

    @Override
    public void connectComplete(boolean reconnect, String uri) {
        // Waited for.
    }

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {
        // Not used.
    }

    @Override
    public void close() throws MqttException {
        client.disconnectForcibly(0, 500, true);
        client.close(true);
    }
}
