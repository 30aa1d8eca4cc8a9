package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A disk that takes little: what sensors send meanwhile stays at their broker and not in the agent's memory. */
class BackPressureTest {
    private static final Duration SOON = Duration.ofSeconds(60);
    /** Decoded, these are more than twice the heap. */
    private static final int MESSAGES = 2_000;

    private static final int READINGS = 100;
    private static final int QUEUE = 4_000;

    @TempDir
    Path folder;

    @Test
    void anAgentWhoseSpoolIsSlowStopsReadingAndStaysWithinItsHeapAndNothingIsLost() throws Exception {
        try (TestBroker broker = new TestBroker();
                Cloud cloud = new Cloud(broker.url())) {
            try (AgentProcess slow = new AgentProcess(
                    folder,
                    "-Xmx20m",
                    "--broker.url=" + broker.url(),
                    "--spool.queue=" + QUEUE,
                    "--spool.commit=" + READINGS,
                    "--spool.commit-interval=1000")) {
                publish(broker.url());
                await().atMost(SOON).until(() -> received(slow) >= QUEUE / READINGS);
                // The queue, what is being committed each second, and a few on their way through the client.
                long most = QUEUE / READINGS + 64;
                await().during(Duration.ofSeconds(5))
                        .atMost(SOON)
                        .untilAsserted(() -> assertThat(received(slow)).isLessThan(most));
                assertThat(slow.process.isAlive()).as(slow.said()).isTrue();
            }
            try (AgentProcess quick = new AgentProcess(folder, "-Xmx48m", "--broker.url=" + broker.url())) {
                await().atMost(Duration.ofMinutes(2))
                        .untilAsserted(() -> assertThat(cloud.bySequence.values().stream()
                                        .filter(reading -> reading.metric().equals("temperature"))
                                        .count())
                                .isEqualTo((long) MESSAGES * READINGS));
                assertThat(cloud.valuesOf("mqtt-1")).doesNotHaveDuplicates();
                assertThat(cloud.faults).isEmpty();
                assertThat(quick.process.isAlive()).isTrue();
            }
        }
    }

    private static long received(AgentProcess agent) throws Exception {
        return agent.metric("tocsin_agent_received_messages_total{protocol=\"mqtt\"}");
    }

    /** What the broker has when this returns. */
    private static void publish(String url) throws Exception {
        MqttAsyncClient client = new MqttAsyncClient(url, "sensor", new MemoryPersistence());
        client.connect().waitForCompletion(10_000);
        IMqttToken last = null;
        for (int i = 0; i < MESSAGES; i++) {
            StringBuilder pack = new StringBuilder("[");
            for (int r = 0; r < READINGS; r++) {
                pack.append(r == 0 ? "" : ",")
                        .append("{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":")
                        .append((i * READINGS + r) / 10_000.0)
                        .append('}');
            }
            byte[] payload = pack.append(']').toString().getBytes(StandardCharsets.UTF_8);
            last = client.publish("sensors/mqtt-1", payload, 1, false);
            if (i % 50 == 49) {
                last.waitForCompletion(30_000);
            }
        }
        client.disconnect().waitForCompletion(10_000);
        client.close(true);
    }
}
