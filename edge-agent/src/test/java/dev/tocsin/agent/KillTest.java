package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.profiles.reading.Reading;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.eclipse.californium.core.CoapClient;
import org.eclipse.californium.core.CoapResponse;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.elements.exception.ConnectorException;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The agent as a process of its own, killed again and again while sensors send. */
class KillTest {
    private static final int ROUNDS = 10;
    private static final long SEED = 4711;

    @TempDir
    Path folder;

    private volatile boolean sending = true;
    private int published;
    private int posted;
    private final Set<Double> acknowledgedPosts = new HashSet<>();

    @Test
    void whatWasAcknowledgedArrivesOnceHoweverOftenTheAgentIsKilled() throws Exception {
        Random random = new Random(SEED);
        int coapPort = TestBroker.freePort();
        try (TestBroker broker = new TestBroker();
                Cloud cloud = new Cloud(broker.url())) {
            Process agent = start(broker, coapPort, 0);
            Thread mqtt = thread(() -> publish(broker.url()));
            Thread coap = thread(() -> post(coapPort));
            for (int round = 1; round <= ROUNDS; round++) {
                TimeUnit.MILLISECONDS.sleep(300 + random.nextInt(1_500));
                agent.destroyForcibly().waitFor();
                agent = start(broker, coapPort, round);
            }
            sending = false;
            mqtt.join();
            coap.join();
            int sent = published;
            await().atMost(Duration.ofSeconds(90))
                    .untilAsserted(() -> assertThat(cloud.valuesOf("mqtt-1")).hasSizeGreaterThanOrEqualTo(sent));
            await().atMost(Duration.ofSeconds(30))
                    .untilAsserted(() ->
                            assertThat(new HashSet<>(cloud.valuesOf("coap-1"))).containsAll(acknowledgedPosts));
            agent.destroy();
            assertThat(agent.waitFor(5, TimeUnit.SECONDS))
                    .as("a clean stop within 5 s")
                    .isTrue();

            System.out.println("killed " + ROUNDS + " times; MQTT sent " + sent + ", arrived "
                    + cloud.valuesOf("mqtt-1").size() + "; CoAP acknowledged " + acknowledgedPosts.size()
                    + ", arrived " + cloud.valuesOf("coap-1").size());
            assertThat(cloud.faults).isEmpty();
            assertThat(cloud.valuesOf("mqtt-1")).doesNotHaveDuplicates().hasSize(sent);
            // One that was not acknowledged was sent again until it was, so all that were sent are acknowledged.
            assertThat(acknowledgedPosts).hasSize(posted);
            assertThat(cloud.valuesOf("coap-1")).doesNotHaveDuplicates().hasSize(posted);
            assertNoIdentityTwice(cloud.bySequence.values());
        }
    }

    private static void assertNoIdentityTwice(Collection<Reading> readings) {
        assertThat(readings.stream()
                        .filter(reading -> reading.metric().equals("temperature"))
                        .map(reading -> reading.device() + reading.value())
                        .collect(Collectors.toList()))
                .doesNotHaveDuplicates();
    }

    /** Without a time of their own: only the message itself tells that it comes again. */
    private void publish(String url) throws Exception {
        MqttAsyncClient client = new MqttAsyncClient(url, "sensor", new MemoryPersistence());
        MqttConnectionOptions options = new MqttConnectionOptions();
        client.connect(options).waitForCompletion(10_000);
        while (sending) {
            String payload = "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":" + value(published) + "}]";
            client.publish("sensors/mqtt-1", payload.getBytes(StandardCharsets.UTF_8), 1, false)
                    .waitForCompletion(10_000);
            published++;
            if (published % 4 == 0) {
                TimeUnit.MILLISECONDS.sleep(1);
            }
        }
        client.disconnectForcibly(0, 500, false);
        client.close(true);
    }

    /** With times, and sent again until the agent says that it has it. */
    private void post(int port) throws Exception {
        // Or no client can be made in a virtual machine in which no other test did it before.
        CoapConfig.register();
        CoapClient client = new CoapClient("coap://127.0.0.1:" + port + "/sensors/coap-1");
        client.setTimeout(1_500L);
        while (sending) {
            double value = value(posted);
            posted++;
            String payload = "[{\"bt\":" + System.currentTimeMillis() / 1000.0
                    + ",\"n\":\"temperature\",\"u\":\"Cel\",\"v\":" + value + "}]";
            CoapResponse response = null;
            while (response == null || !response.isSuccess()) {
                response = quietly(client, payload);
            }
            acknowledgedPosts.add(value);
        }
        client.shutdown();
    }

    private static CoapResponse quietly(CoapClient client, String payload) throws InterruptedException {
        try {
            return client.post(payload, 110);
        } catch (ConnectorException | IOException e) {
            // The port is closed while the agent is dead.
            TimeUnit.MILLISECONDS.sleep(50);
            return null;
        }
    }

    private static double value(int number) {
        return number / 10_000.0;
    }

    private Process start(TestBroker broker, int coapPort, int round) throws IOException {
        Path out = folder.resolve("agent-" + round + ".log");
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "@" + Path.of("jvm.options").toAbsolutePath(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        EdgeAgent.class.getName(),
                        "--gateway=gw-1",
                        "--data=" + folder.resolve("data"),
                        "--broker.url=" + broker.url(),
                        "--coap.port=" + coapPort,
                        "--http.port=0",
                        "--enrolment=open"))
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
        await().atMost(Duration.ofSeconds(60)).until(() -> {
            String text = Files.readString(out);
            if (!process.isAlive()) {
                throw new AssertionError(text);
            }
            // Before the first subscription there is nobody to whom the broker owes a message.
            return text.contains("READY edge-agent") && (round > 0 || text.contains("subscriptions"));
        });
        return process;
    }

    private interface Job {
        void run() throws Exception;
    }

    private static Thread thread(Job job) {
        Thread thread = new Thread(() -> {
            try {
                job.run();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        thread.start();
        return thread;
    }
}
