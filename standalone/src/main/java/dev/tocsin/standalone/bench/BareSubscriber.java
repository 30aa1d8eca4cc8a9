package dev.tocsin.standalone.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** Counts what arrives on {@code bare/#}. */
final class BareSubscriber implements AutoCloseable {
    private final AtomicLong received = new AtomicLong();
    private final MqttAsyncClient client;

    BareSubscriber(String brokerUrl, String password) throws MqttException {
        client = new MqttAsyncClient(brokerUrl, "bench-bare-subscriber", new MemoryPersistence());
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setUserName("platform");
        options.setPassword(password.getBytes(StandardCharsets.UTF_8));
        client.connect(options).waitForCompletion(10_000);
        MqttProperties properties = new MqttProperties();
        // The client finds the listener by it.
        properties.setSubscriptionIdentifiers(List.of(1));
        client.subscribe(
                        new MqttSubscription[] {new MqttSubscription("bare/#", 1)},
                        null,
                        null,
                        (topic, message) -> received.incrementAndGet(),
                        properties)
                .waitForCompletion(10_000);
    }

    /** @throws IOException when some have not arrived by then */
    void await(long messages, Deadline deadline) throws InterruptedException, IOException {
        while (received.get() < messages) {
            deadline.require("messages received from the bare broker", messages, received.get());
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    @Override
    public void close() throws MqttException {
        client.disconnect().waitForCompletion(5_000);
        client.close();
    }
}
