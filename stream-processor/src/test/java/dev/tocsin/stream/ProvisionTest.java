package dev.tocsin.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.profiles.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ProvisionTest {
    @TempDir
    Path folder;

    @Test
    void every_durable_session_of_both_jobs_and_of_the_api_is_named() {
        assertThat(Provision.sessions(2))
                .containsEntry("tocsin-alarm-live-1", "tocsin/v1/up/1/+/live")
                .containsEntry("tocsin-alarm-status-0", "tocsin/v1/up/0/+/status")
                .containsEntry("tocsin-archive-rejected-1", "tocsin/v1/up/1/+/rejected")
                .containsEntry("tocsin-archive-alerts-0", Topics.ALERTS_FILTER)
                .containsEntry("tocsin-api-alerts", Topics.ALERTS_FILTER)
                .doesNotContainKey("tocsin-alarm-state-0")
                .hasSize(2 * 4 + 1 + 2 * 3 + 1 + 1);
    }

    @Test
    void what_is_published_after_it_waits_for_the_client_even_when_it_is_repeated() throws Exception {
        try (TestBroker broker = TestBroker.start(folder);
                TestGateway gateway = new TestGateway(broker.access(), "gw-1", 1)) {
            Provision.create(broker.access(), "tocsin-api-alerts", Topics.ALERTS_FILTER);
            gateway.publish("tocsin/v1/alerts/district/a", "{}".getBytes(StandardCharsets.UTF_8), false);
            Provision.create(broker.access(), "tocsin-api-alerts", Topics.ALERTS_FILTER);

            AtomicInteger heard = new AtomicInteger();
            MqttAsyncClient client =
                    new MqttAsyncClient(broker.access().url(), "tocsin-api-alerts", new MemoryPersistence());
            client.setCallback((SilentCallback) (topic, message) -> heard.incrementAndGet());
            client.connect(broker.access().options(true, 100, 10)).waitForCompletion(5_000);

            await().until(() -> heard.get() == 1);
            client.disconnect().waitForCompletion(5_000);
            client.close();
        }
    }
}
