package dev.tocsin.stream.broker;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tocsin.stream.DeafBroker;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PartingTest {
    /** Long enough for the client to have sent its CONNECT. */
    private static final long WAIT_MS = 2_000;

    @Test
    void a_client_that_waits_for_a_broker_without_an_answer_leaves_no_thread() throws Exception {
        try (DeafBroker broker = new DeafBroker()) {
            for (int attempt = 0; attempt < 2; attempt++) {
                MqttAsyncClient client =
                        new MqttAsyncClient(broker.access().url(), "test-parting", new MemoryPersistence());
                assertThatThrownBy(() -> client.connect(broker.access().options(true, 1, 10))
                                .waitForCompletion(WAIT_MS))
                        .isInstanceOf(MqttException.class);
                Parting.from(client);
            }
            await().until(() -> Thread.getAllStackTraces().keySet().stream()
                    .noneMatch(thread -> thread.getName().contains("test-parting")));
        }
    }
}
