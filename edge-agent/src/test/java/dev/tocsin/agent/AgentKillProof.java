package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing that was acknowledged is lost and nothing is stored twice, however often the agent is killed, at whatever
 * moment: while it starts, while it takes over what an earlier run left, and while it works. Takes about 25 minutes for
 * 1,000 rounds; run on its own (docs/OPERATIONS.md says how).
 *
 * <p>Lost is a reading of a message that was acknowledged to its sensor, by the broker or with 2.04, and is not in the
 * archive when all is delivered. Doubled is one that the archive stored more than once: under two identities, since an
 * identity is stored once.
 */
class AgentKillProof {
    private static final int ROUNDS = Integer.getInteger("rounds", 1_000);
    private static final long SEED = Long.getLong("seed", 4711);
    private static final int MQTT_SENSORS = 4;
    private static final int COAP_SENSORS = 2;
    private static final long EVERY_MICROS = 8_000;
    /** From the start of a process; it is ready after about a second. */
    private static final int KILL_FROM_MS = 300;

    private static final int KILL_TO_MS = 2_400;
    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir
    Path folder;

    @Test
    void whatWasAcknowledgedIsStoredOnce() throws Exception {
        Random random = new Random(SEED);
        int coapPort = TestBroker.freePort();
        long began = System.nanoTime();
        assumeTrue(Mosquitto.isInstalled(), "skipped: mosquitto is the sensors' broker, and is not installed");
        try (Mosquitto sensors = new Mosquitto(Files.createDirectories(folder.resolve("mosquitto")));
                TestBroker cloud = new TestBroker();
                Archive archive = new Archive(cloud.url())) {
            AgentToKill agent = agent(sensors, cloud, coapPort);
            // Before the first subscription there is nobody to whom the broker owes a message.
            agent.await("READY edge-agent", "subscriptions");
            try (Field field = new Field(sensors.url(), MQTT_SENSORS, EVERY_MICROS, coapPort, COAP_SENSORS)) {
                for (int round = 1; round <= ROUNDS; round++) {
                    TimeUnit.MILLISECONDS.sleep(KILL_FROM_MS + random.nextInt(KILL_TO_MS - KILL_FROM_MS));
                    assertThat(agent.isAlive()).as(agent.log()).isTrue();
                    agent.kill();
                    agent = agent(sensors, cloud, coapPort);
                    if (round % 50 == 0) {
                        System.out.printf(
                                "round %d after %d s: %d acknowledged, %d stored, %d doubled%n",
                                round,
                                TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - began),
                                field.total(),
                                archive.stored(),
                                archive.doubled());
                        assertThat(archive.doubled())
                                .as("doubled: %s", archive.doubles)
                                .isZero();
                    }
                }
                agent.await("READY edge-agent");
                Map<String, Integer> sent = field.stop();
                compare(sent, archive);
            } finally {
                agent.kill();
            }
        }
    }

    private static void compare(Map<String, Integer> sent, Archive archive) {
        long all = sent.values().stream().mapToLong(Integer::longValue).sum();
        await().atMost(LONG).pollInterval(Duration.ofSeconds(1)).until(() -> archive.stored() >= all);
        int lost = sent.entrySet().stream()
                .mapToInt(device -> archive.missing(device.getKey(), device.getValue()))
                .sum();
        System.out.printf(
                "%d rounds: %d readings acknowledged %s, %d lost, %d doubled, %d epochs%n",
                ROUNDS, all, sent, lost, archive.doubled(), archive.epochs());
        assertThat(archive.faults).isEmpty();
        assertThat(lost).as("acknowledged and lost").isZero();
        assertThat(archive.doubled()).as("stored twice: %s", archive.doubles).isZero();
        assertThat(archive.epochs()).as("epochs").isEqualTo(1);
    }

    private AgentToKill agent(Mosquitto sensors, TestBroker cloud, int coapPort) throws Exception {
        return new AgentToKill(
                folder.resolve("agent.log"),
                "--gateway=gw-1",
                "--data=" + folder.resolve("data"),
                "--broker.url=" + cloud.url(),
                "--field.broker.url=" + sensors.url(),
                "--coap.port=" + coapPort,
                "--http.port=0",
                "--enrolment=open");
    }
}
