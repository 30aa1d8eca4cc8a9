package dev.tocsin.standalone.river;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** Something in the field that hears one topic, as a siren does. Thread-safe. */
final class FieldEar implements MqttCallback, AutoCloseable {
    private final MqttAsyncClient client;
    private final List<Heard> heard = new CopyOnWriteArrayList<>();

    record Heard(String text, long atNanos) {}

    FieldEar(String url, String user, String password, String topic) throws MqttException {
        client = new MqttAsyncClient(url, user, new MemoryPersistence());
        client.setCallback(this);
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setUserName(user);
        options.setPassword(password.getBytes(StandardCharsets.UTF_8));
        client.connect(options).waitForCompletion(10_000);
        client.subscribe(topic, 1).waitForCompletion(10_000);
    }

    /** In order. */
    List<Heard> heard() {
        return heard;
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        heard.add(new Heard(new String(message.getPayload(), StandardCharsets.UTF_8), System.nanoTime()));
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {
        // The broker of the field lives as long as the test.
    }

    @Override
    public void mqttErrorOccurred(MqttException exception) {
        // As above.
    }

    @Override
    public void deliveryComplete(IMqttToken token) {
        // It says nothing.
    }

    @Override
    public void connectComplete(boolean reconnect, String serverUri) {
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
