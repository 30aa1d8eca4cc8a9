package dev.tocsin.stream;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.stream.broker.BrokerAccess;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;

/** Hears every publication on the alert topic, as the archive and the API do. */
public final class AlertListener implements AutoCloseable, SilentCallback {
    public final List<Alert> heard = new CopyOnWriteArrayList<>();
    public final List<String> topics = new CopyOnWriteArrayList<>();
    private final MqttAsyncClient client;

    public AlertListener(BrokerAccess broker, String filter) throws MqttException {
        client = new MqttAsyncClient(broker.url(), "test-listener-" + filter.hashCode(), new MemoryPersistence());
        client.setCallback(this);
        client.connect(broker.options(true, 1_000, 30)).waitForCompletion(5_000);
        client.subscribe(filter, 1).waitForCompletion(5_000);
    }

    public AlertListener(BrokerAccess broker) throws MqttException {
        this(broker, Topics.ALERTS_FILTER);
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        topics.add(topic);
        if (topic.startsWith("tocsin/v1/alerts/")) {
            heard.add(AlertJson.read(message.getPayload()));
        }
    }

    @Override
    public void close() throws MqttException {
        if (client.isConnected()) {
            client.disconnect().waitForCompletion(5_000);
        }
        client.close();
    }
}
