package dev.tocsin.agent;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** A client of a broker that lives as long as its test: it hears a topic filter, in order, and may say something. */
public final class Subscriber implements MqttCallback, AutoCloseable {
    private static final int PATIENCE_MS = 10_000;

    /** What could not be read, and what the client complained of. */
    final Queue<String> faults = new ConcurrentLinkedQueue<>();

    private final MqttAsyncClient client;
    private final Listener listener;

    /** On the client's thread. */
    public interface Listener {
        void heard(String topic, byte[] payload) throws Exception;
    }

    public Subscriber(String url, String clientId, String filter, Listener listener) throws MqttException {
        this.listener = listener;
        client = new MqttAsyncClient(url, clientId, new MemoryPersistence());
        client.setCallback(this);
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setCleanStart(false);
        options.setSessionExpiryInterval(3_600L);
        client.connect(options).waitForCompletion(PATIENCE_MS);
        client.subscribe(filter, 1).waitForCompletion(PATIENCE_MS);
    }

    public void publish(String topic, byte[] payload, boolean retained) throws MqttException {
        client.publish(topic, payload, 1, retained).waitForCompletion(PATIENCE_MS);
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        try {
            listener.heard(topic, message.getPayload());
        } catch (Exception e) {
            faults.add("a message on " + topic + ": " + e);
        }
    }

    @Override
    public void mqttErrorOccurred(MqttException e) {
        faults.add(e.toString());
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {
        // The broker lives as long as the test.
    }

    @Override
    public void deliveryComplete(IMqttToken token) {
        // Publications are waited for.
    }

    @Override
    public void connectComplete(boolean reconnect, String serverUri) {
        // Waited for.
    }

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {
        // Enhanced authentication is not used.
    }

    @Override
    public void close() throws MqttException {
        client.disconnectForcibly(0, 500, false);
        client.close(true);
    }
}
