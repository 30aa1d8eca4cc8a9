package dev.tocsin.standalone.river;

import dev.tocsin.standalone.broker.SilentCallback;
import java.nio.charset.StandardCharsets;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;

/** A user of a broker that hears a topic filter through a session that outlives its connections. */
final class Subscriber implements AutoCloseable {
    private static final int PATIENCE_MS = 10_000;

    private final MqttAsyncClient client;

    /** On the client's thread. */
    interface Listener {
        void heard(byte[] payload);
    }

    Subscriber(String url, String clientId, String user, String password, String filter, Listener listener)
            throws MqttException {
        client = new MqttAsyncClient(url, clientId, new MemoryPersistence());
        // Paho reconnects by itself, and the session keeps what was missed.
        client.setCallback((SilentCallback) (topic, message) -> listener.heard(message.getPayload()));
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setUserName(user);
        options.setPassword(password.getBytes(StandardCharsets.UTF_8));
        options.setCleanStart(false);
        options.setSessionExpiryInterval(0xFFFFFFFFL);
        options.setAutomaticReconnect(true);
        options.setAutomaticReconnectDelay(1, 1);
        options.setMaxReconnectDelay(1_000);
        client.connect(options).waitForCompletion(PATIENCE_MS);
        client.subscribe(filter, 1).waitForCompletion(PATIENCE_MS);
    }

    @Override
    public void close() throws MqttException {
        client.disconnectForcibly(0, 1_000, false);
        client.close(true);
    }
}
