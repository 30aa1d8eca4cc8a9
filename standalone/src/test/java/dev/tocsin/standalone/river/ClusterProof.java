package dev.tocsin.standalone.river;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.standalone.broker.access.Role;
import dev.tocsin.standalone.field.FieldPublisher;
import dev.tocsin.standalone.platform.JobPorts;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A part of the process cluster, chosen at random, is killed again and again under a flow of readings: nothing that was
 * acknowledged is lost, nothing is there twice, and an alarm that is raised meanwhile is on the alert topic in time.
 * Takes long; run on its own (docs/OPERATIONS.md says how).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterProof {
    private static final int ROUNDS = Integer.getInteger("rounds", 50);
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final int BATCHES_PER_SECOND = 100;
    private static final int DEVICES = 200;
    private static final int PER_DEVICE = 1;

    /** From the kill to the alarm on the topic. */
    private static final Duration IN_TIME = Duration.ofSeconds(10);

    private static final double LATEST_ALARM_SECONDS = 5;
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final String FLOW = "gw-flow";
    private static final String ALARMS = "gw-alarms";

    /** What is killed. */
    private enum Victim {
        TASK_MANAGER,
        JOB_MANAGER,
        BROKER,
        DATABASE
    }

    private final Random random = new Random(SEED);
    private final Map<Victim, List<Double>> alarmAfterSeconds = new EnumMap<>(Victim.class);
    private final Map<Victim, List<Double>> wholeAfterSeconds = new EnumMap<>(Victim.class);
    private final List<CompletableFuture<Integer>> sent = Collections.synchronizedList(new ArrayList<>());
    private final AtomicBoolean stop = new AtomicBoolean();

    private Site site;
    private FlinkRest flink;
    private AlertTopic topic;
    private FieldPublisher flowPublisher;
    private FieldPublisher alarmPublisher;
    private UplinkGateway flow;
    private UplinkGateway alarms;

    @BeforeAll
    void startTheRiver(@TempDir Path data) throws Exception {
        site = Site.startOnCluster(data);
        flink = new FlinkRest(site);
        topic = new AlertTopic(site.platform.brokerUrl(), "proof-alerts", "platform", site.platformPassword());
        flowPublisher = publisher(FLOW);
        alarmPublisher = publisher(ALARMS);
        flow = new UplinkGateway(
                FLOW, flowPublisher, DEVICES, Instant.now().minusSeconds(86_400).toEpochMilli());
        alarms = new UplinkGateway(ALARMS, alarmPublisher, 1, System.currentTimeMillis());
    }

    @AfterAll
    void stopTheRiver() throws Exception {
        stop.set(true);
        alarmPublisher.close();
        flowPublisher.close();
        topic.close();
        site.close();
    }

    private FieldPublisher publisher(String gateway) throws IOException {
        String password = site.brokerUser(gateway, Role.GATEWAY);
        // The broker looks at its users file once a second.
        return await().ignoreExceptions()
                .atMost(Duration.ofSeconds(10))
                .until(
                        () -> new FieldPublisher(site.platform.brokerUrl(), gateway, gateway, password, 1_000),
                        Objects::nonNull);
    }

    @Test
    void anyPartMayBeKilled() throws Exception {
        System.out.println(ROUNDS + " rounds, -Dseed=" + SEED);
        long began = System.nanoTime();
        Thread sender = new Thread(this::send, "flow");
        sender.start();
        awaitWhole();
        List<String> raised = new ArrayList<>();
        for (int round = 1; round <= ROUNDS; round++) {
            raised.add(killAndRaise(round));
        }
        stop.set(true);
        sender.join();
        CompletableFuture.allOf(sent.toArray(new CompletableFuture<?>[0])).get(5, TimeUnit.MINUTES);
        double seconds = (System.nanoTime() - began) / 1e9;
        Comparison readings = compareReadings(raised.size());
        print(readings, seconds);

        assertThat(sent).as("batches that nobody subscribed to").allMatch(code -> code.join() == 0);
        assertThat(readings.isExact()).as(readings.toString()).isTrue();
        for (String device : raised) {
            AlertRevisions.assertRaisedOnce(topic, device);
        }
        assertThat(alarmAfterSeconds.values())
                .allSatisfy(all -> assertThat(all).allMatch(after -> after <= IN_TIME.toSeconds()));
    }

    private void send() {
        long began = System.nanoTime();
        try {
            for (long batch = 0; !stop.get(); batch++) {
                long due = began + batch * TimeUnit.SECONDS.toNanos(1) / BATCHES_PER_SECOND;
                // Who is late, as after an outage of the broker, catches up.
                TimeUnit.NANOSECONDS.sleep(Math.max(0, due - System.nanoTime()));
                sent.add(flow.send(PER_DEVICE));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** The device in which the fire was. */
    private String killAndRaise(int round) throws Exception {
        Victim victim = Victim.values()[random.nextInt(Victim.values().length)];
        String process = switch (victim) {
            case TASK_MANAGER -> "task-manager-" + (1 + random.nextInt(JobPorts.Cluster.TASK_MANAGERS));
            case JOB_MANAGER -> "job-manager";
            case BROKER -> "broker";
            case DATABASE -> "PostgreSQL";
        };
        long pid = pidOf(process);
        String device = "fire-" + round;
        new ProcessBuilder("kill", "-9", Long.toString(pid)).start().waitFor();
        long killed = System.nanoTime();
        // A JobManager's tasks go on for some seconds after it: the alarm comes at some moment of the outage, not
        // always first.
        double sentAfter = random.nextDouble() * LATEST_ALARM_SECONDS;
        TimeUnit.MILLISECONDS.sleep((long) (sentAfter * 1_000));
        CompletableFuture<Integer> acknowledged = alarms.send(device, 90, System.currentTimeMillis());
        await().pollInterval(Duration.ofMillis(20))
                .atMost(LONG)
                .until(() -> !topic.of(device).isEmpty());
        double alarm = (System.nanoTime() - killed) / 1e9;
        await().atMost(LONG).until(() -> pidOf(process) != pid);
        awaitWhole();
        double whole = (System.nanoTime() - killed) / 1e9;
        assertThat(acknowledged.get(1, TimeUnit.MINUTES)).isZero();
        alarmAfterSeconds.computeIfAbsent(victim, v -> new ArrayList<>()).add(alarm);
        wholeAfterSeconds.computeIfAbsent(victim, v -> new ArrayList<>()).add(whole);
        System.out.printf(
                "round %2d: killed %-14s alarm raised after %4.2f s and on the topic after %5.2f s, everything runs after"
                        + " %5.2f s%n",
                round, process, sentAfter, alarm, whole);
        return device;
    }

    private long pidOf(String process) {
        if (!process.equals("PostgreSQL")) {
            return site.platform.child(process).pid();
        }
        var server = site.platform.postgres();
        return server == null ? 0 : server.pid();
    }

    /** Until every process is ready and every task of both jobs runs. */
    private void awaitWhole() {
        await().atMost(LONG).ignoreExceptions().until(() -> {
            boolean processes = site.platform.children().stream().allMatch(child -> child.isReady());
            try (Connection database = site.database()) {
                return processes
                        && database.isValid(1)
                        && flink.taskManagers() == JobPorts.Cluster.TASK_MANAGERS
                        && flink.runningJobs().size() == 2;
            }
        });
    }

    private Comparison compareReadings(int raised) throws SQLException, IOException {
        try (Connection database = site.database()) {
            await().atMost(LONG)
                    .pollInterval(Duration.ofSeconds(5))
                    .until(() -> Stored.rowsOfDevicesLike(database, FLOW + "-d%") >= flow.sent()
                            && Stored.rowsOfDevicesLike(database, "fire-%") >= raised);
            assertThat(Stored.rowsOfDevicesLike(database, "fire-%")).isEqualTo(raised);
            return Comparison.of(database, flow, FLOW + "-d%", PER_DEVICE);
        }
    }

    private void print(Comparison readings, double seconds) {
        System.out.printf(
                "%,d readings in %.0f s (%,.0f a second): %d lost, %d doubled, %d altered%n",
                readings.sent(),
                seconds,
                readings.sent() / seconds,
                readings.lost(),
                readings.doubled(),
                readings.altered());
        alarmAfterSeconds.forEach((victim, all) -> System.out.printf(
                "%-13s %2d times: alarm after %.2f s at best, %.2f s median, %.2f s at worst; all runs again after %.2f s"
                        + " at worst%n",
                victim,
                all.size(),
                Collections.min(all),
                all.stream().sorted().toList().get(all.size() / 2),
                Collections.max(all),
                Collections.max(wholeAfterSeconds.get(victim))));
    }
}
