package dev.tocsin.cloud;

import java.net.ServerSocket;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttMessage;

/** A real MQTT 5 broker that lets everybody in, and a client that publishes to it. */
final class TestBroker implements AutoCloseable {
    private final EmbeddedActiveMQ broker = new EmbeddedActiveMQ();
    private final MqttClient publisher;
    final int port;

    TestBroker() throws Exception {
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        Configuration configuration = new ConfigurationImpl()
                .setPersistenceEnabled(false)
                .setSecurityEnabled(false)
                .setJMXManagementEnabled(false)
                .addAcceptorConfiguration("mqtt", "tcp://127.0.0.1:" + port + "?protocols=MQTT");
        configuration.addAddressSetting("#", new AddressSettings().setAutoCreateAddresses(true));
        broker.setConfiguration(configuration);
        broker.start();
        publisher = new MqttClient(url(), "test-publisher", new MemoryPersistence());
        publisher.connect();
    }

    String url() {
        return "tcp://127.0.0.1:" + port;
    }

    void publish(String topic, byte[] payload) throws Exception {
        publish(topic, payload, false);
    }

    void publish(String topic, byte[] payload, boolean retained) throws Exception {
        MqttMessage message = new MqttMessage(payload);
        message.setQos(1);
        message.setRetained(retained);
        publisher.publish(topic, message);
    }

    @Override
    public void close() throws Exception {
        publisher.disconnectForcibly(0, 500, false);
        publisher.close(true);
        broker.stop();
    }
}
