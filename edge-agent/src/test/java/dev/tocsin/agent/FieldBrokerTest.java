package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The agent keeps running while its field broker is ended, or the way there cut, under load. */
@Execution(ExecutionMode.CONCURRENT)
class FieldBrokerTest {
    private static final int ROUNDS = 6;
    private static final int BURST = 400;
    private static final int KILLS = 4;
    private static final long SEED = 4712;

    @TempDir
    Path folder;

    @Test
    void whatSensorsSentArrivesOnceHoweverOftenTheFieldBrokerIsEndedOrCutOff() throws Exception {
        assumeTrue(Mosquitto.isInstalled(), "mosquitto is not installed");
        Path brokerFolder = Files.createDirectory(folder.resolve("broker"));
        Random random = new Random(SEED);
        int sent = 0;
        try (Mosquitto field = new Mosquitto(brokerFolder);
                CuttableProxy way = new CuttableProxy(field.port());
                TestBroker uplink = new TestBroker();
                Cloud cloud = new Cloud(uplink.url());
                // Commits so rare that a burst is partly committed, partly on its way when the connection ends.
                AgentUnderTest agent = new AgentUnderTest(
                        folder.resolve("agent"),
                        way.url(),
                        uplink.url(),
                        "--enrolment=open",
                        "--spool.commit-interval=40",
                        "--spool.commit=50")) {
            awaitField(agent);
            for (int round = 0; round < ROUNDS; round++) {
                sent = burst(field, sent);
                TimeUnit.MILLISECONDS.sleep(random.nextInt(200));
                switch (round % 3) {
                    case 0 -> field.restart();
                    case 1 -> {
                        way.cut();
                        TimeUnit.MILLISECONDS.sleep(random.nextInt(300));
                        way.mend();
                    }
                    default -> {
                        // Longer than an acknowledgement takes: the agent commits and acknowledges into nowhere.
                        way.silence();
                        sent = burst(field, sent);
                        TimeUnit.MILLISECONDS.sleep(2_500);
                        way.cut();
                        way.mend();
                    }
                }
                // Every third time the next loss comes in the midst of what comes again.
                if (round % 3 != 1) {
                    awaitField(agent);
                }
            }
            int all = sent;
            await().atMost(Duration.ofSeconds(90))
                    .untilAsserted(() -> assertThat(cloud.valuesOf("mqtt-1")).hasSizeGreaterThanOrEqualTo(all));
            await().pollDelay(Duration.ofSeconds(2)).until(() -> true);
            System.out.println("field broker lost " + ROUNDS + " times; sent " + all + ", arrived "
                    + cloud.valuesOf("mqtt-1").size());
            assertThat(cloud.valuesOf("mqtt-1")).doesNotHaveDuplicates().hasSize(all);
            assertThat(cloud.faults).isEmpty();
        }
    }

    /**
     * With the settings that docs/OPERATIONS.md asks for. It comes back as it last saved itself, and sends again what it
     * was told before: the readings bear their times, by which they are known.
     */
    @Test
    void whatTheAgentTookOfABrokerThatIsKilledIsNeitherLostNorDoubled() throws Exception {
        assumeTrue(Mosquitto.isInstalled(), "mosquitto is not installed");
        Path brokerFolder = Files.createDirectory(folder.resolve("broker"));
        Random random = new Random(SEED);
        try (Mosquitto field = new Mosquitto(brokerFolder, "autosave_interval 1\n");
                TestBroker uplink = new TestBroker();
                Cloud cloud = new Cloud(uplink.url());
                AgentUnderTest agent =
                        new AgentUnderTest(folder.resolve("agent"), field.url(), uplink.url(), "--enrolment=open")) {
            int next = 0;
            int told = 0;
            for (int round = 0; round < KILLS; round++) {
                awaitField(agent);
                Publisher sensor = new Publisher(field, next);
                TimeUnit.MILLISECONDS.sleep(200 + random.nextInt(600));
                field.kill();
                next = sensor.stop();
                told += sensor.acknowledged.get();
            }
            awaitField(agent);
            int end = burst(field, next);
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(cloud.valuesOf("mqtt-1")).contains((end - 1) / 10_000.0));
            // It acknowledges nothing that it did not take.
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(
                            () -> assertThat((long) cloud.valuesOf("mqtt-1").size())
                                    .isEqualTo(agent.metric("tocsin_agent_accepted_readings_total{protocol=\"mqtt\"}")
                                            - agent.metric("tocsin_agent_absorbed_total{kind=\"resent-reading\"}")));
            System.out.println("mosquitto killed " + KILLS + " times; it had acknowledged " + (told + BURST)
                    + ", arrived " + cloud.valuesOf("mqtt-1").size());
            assertThat(cloud.valuesOf("mqtt-1")).doesNotHaveDuplicates();
            assertThat(cloud.faults).isEmpty();
        }
    }

    /** Sends one message after another until it is stopped, or the broker is gone. */
    private static final class Publisher {
        final AtomicInteger acknowledged = new AtomicInteger();
        private final Thread thread;
        private volatile boolean stopped;
        private final AtomicInteger next;

        Publisher(Mosquitto field, int from) {
            next = new AtomicInteger(from);
            thread = new Thread(() -> publish(field), "sensor");
            thread.start();
        }

        private void publish(Mosquitto field) {
            try {
                MqttAsyncClient client = new MqttAsyncClient(field.url(), "sensor", new MemoryPersistence());
                client.connect().waitForCompletion(10_000);
                while (!stopped) {
                    String payload = "[{\"bt\":" + System.currentTimeMillis() / 1000.0
                            + ",\"n\":\"temperature\",\"u\":\"Cel\",\"v\":" + next.getAndIncrement() / 10_000.0 + "}]";
                    client.publish("sensors/mqtt-1", payload.getBytes(StandardCharsets.UTF_8), 1, false)
                            .waitForCompletion(5_000);
                    acknowledged.incrementAndGet();
                }
                client.disconnectForcibly(0, 500, false);
                client.close(true);
            } catch (MqttException e) {
                // The broker was killed.
            }
        }

        /** @return the number of the first message that was not sent */
        int stop() throws InterruptedException {
            stopped = true;
            thread.join();
            return next.get();
        }
    }

    private static void awaitField(AgentUnderTest agent) {
        await().atMost(Duration.ofSeconds(30)).until(() -> agent.health().contains("\"field\":\"ok\""));
    }

    /** What the broker has taken when this returns. */
    private static int burst(Mosquitto field, int from) throws Exception {
        MqttAsyncClient client = new MqttAsyncClient(field.url(), "sensor", new MemoryPersistence());
        client.connect().waitForCompletion(10_000);
        List<IMqttToken> tokens = new ArrayList<>();
        for (int i = from; i < from + BURST; i++) {
            // Without a time of its own: only the message itself tells that it comes again.
            String payload = "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":" + i / 10_000.0 + "}]";
            tokens.add(client.publish("sensors/mqtt-1", payload.getBytes(StandardCharsets.UTF_8), 1, false));
            if (tokens.size() % 50 == 0) {
                tokens.get(tokens.size() - 1).waitForCompletion(10_000);
            }
        }
        for (IMqttToken token : tokens) {
            token.waitForCompletion(10_000);
        }
        client.disconnectForcibly(0, 500, false);
        client.close(true);
        return from + BURST;
    }
}
