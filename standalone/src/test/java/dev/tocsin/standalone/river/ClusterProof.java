package dev.tocsin.standalone.river;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.standalone.broker.access.Role;
import dev.tocsin.standalone.field.FieldPublisher;
import dev.tocsin.standalone.platform.JobPorts;
import dev.tocsin.standalone.platform.Plan;
import java.io.IOException;
import java.io.UncheckedIOException;
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
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A part of the process cluster, chosen at random, is killed again and again under a flow of readings: nothing that was
 * acknowledged is lost, nothing is there twice, and an alarm that is raised meanwhile is on the alert topic in time.
 * Everything comes back by itself; only the broker, which the launcher would start again at once, is held for two
 * seconds before it may start. Takes long; run on its own (docs/OPERATIONS.md says how).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ClusterProof {
    private static final int ROUNDS = Integer.getInteger("rounds", 50);
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    /** Of which {@link Victim}s one is drawn each time. */
    private static final List<Victim> VICTIMS = Stream.of(
                    System.getProperty("victims", "").split(","))
            .filter(name -> !name.isBlank())
            .map(Victim::valueOf)
            .toList();

    private static final int BATCHES_PER_SECOND = 100;
    private static final int DEVICES = 200;
    private static final int PER_DEVICE = 1;

    /** From the kill to the alarm on the topic. */
    private static final Duration IN_TIME = Duration.ofSeconds(10);

    /** From the kill to the start of a broker. */
    private static final Duration BROKER_AWAY = Duration.ofSeconds(2);

    /** The most between one round and the next, so that what is killed is not always what has just come back. */
    private static final int CALM_MS = 3_000;

    private static final Duration LONG = Duration.ofMinutes(10);
    /** Of one shard: an alarm stands behind all that the flow had sent before it. */
    private static final String FLOW = "gw-flow";

    private static final String ALARMS = "gw-alarms";

    /** What is killed. */
    private enum Victim {
        TASK_MANAGER(2_000),
        /** Its tasks go on for some seconds after it: an alarm may come before or after they have ended. */
        JOB_MANAGER(5_000),
        BROKER(2_000),
        DATABASE(500);

        /** For so long something is missing, at the least: the alarm is raised at some moment of it. */
        final int outageMs;

        Victim(int outageMs) {
            this.outageMs = outageMs;
        }
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
        topic = site.alerts("proof-alerts");
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
        assertThat(Topics.shardOf(ALARMS, Plan.SHARDS)).isEqualTo(Topics.shardOf(FLOW, Plan.SHARDS));
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
        List<Alert> publications = topic.publications();
        System.out.printf(
                "%d alarms raised: %d alerts, %d publications of them, %d of these repeats%n",
                raised.size(),
                publications.stream().map(Alert::id).distinct().count(),
                publications.size(),
                publications.size()
                        - publications.stream()
                                .map(alert -> alert.id() + "/" + alert.revision())
                                .distinct()
                                .count());

        assertThat(sent).as("batches that nobody subscribed to").allMatch(code -> code.join() == 0);
        assertThat(readings.isExact()).as(readings.toString()).isTrue();
        for (String device : raised) {
            AlertRevisions.assertRaisedOnce(topic, device);
        }
        assertThat(publications)
                .as("alerts of nothing but the fires")
                .allMatch(alert -> raised.contains(alert.device()));
        try (Connection database = site.database()) {
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(Stored.alerts(database))
                            .containsExactlyInAnyOrderElementsOf(publications.stream()
                                    .map(Alert::id)
                                    .distinct()
                                    .toList()));
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
        List<Victim> victims = VICTIMS.isEmpty() ? List.of(Victim.values()) : VICTIMS;
        Victim victim = victims.get(random.nextInt(victims.size()));
        String process = switch (victim) {
            case TASK_MANAGER -> "task-manager-" + (1 + random.nextInt(JobPorts.Cluster.TASK_MANAGERS));
            case JOB_MANAGER -> "job-manager";
            case BROKER -> "broker";
            case DATABASE -> "PostgreSQL";
        };
        TimeUnit.MILLISECONDS.sleep(random.nextInt(CALM_MS));
        long pid = pidOf(process);
        String device = "fire-" + round;
        signal("KILL", pid);
        long killed = System.nanoTime();
        Thread hold = new Thread(() -> hold(process, pid, killed), "hold-" + process);
        if (victim == Victim.BROKER) {
            hold.start();
        }
        TimeUnit.MILLISECONDS.sleep(random.nextInt(victim.outageMs));
        double sentAfter = secondsSince(killed);
        CompletableFuture<Integer> acknowledged = alarms.send(device, 90, System.currentTimeMillis());
        await().pollInterval(Duration.ofMillis(20))
                .atMost(LONG)
                .until(() -> !topic.of(device).isEmpty());
        double alarm = secondsSince(killed);
        hold.join();
        await().atMost(LONG).until(() -> pidOf(process) != pid);
        awaitWhole();
        double whole = secondsSince(killed);
        assertThat(acknowledged.get(1, TimeUnit.MINUTES)).isZero();
        alarmAfterSeconds.computeIfAbsent(victim, v -> new ArrayList<>()).add(alarm);
        wholeAfterSeconds.computeIfAbsent(victim, v -> new ArrayList<>()).add(whole);
        System.out.printf(
                "round %2d: killed %-14s alarm raised after %4.2f s and on the topic after %5.2f s, everything runs after"
                        + " %5.2f s%n",
                round, process, sentAfter, alarm, whole);
        return device;
    }

    /** Lets nothing of the successor of a killed process run until its time has come. */
    private void hold(String process, long killedPid, long killedAt) {
        await().pollInterval(Duration.ofMillis(5)).atMost(LONG).until(() -> pidOf(process) != killedPid);
        long pid = pidOf(process);
        try {
            signal("STOP", pid);
            TimeUnit.NANOSECONDS.sleep(killedAt + BROKER_AWAY.toNanos() - System.nanoTime());
            signal("CONT", pid);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void signal(String name, long pid) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(pid)).start().waitFor();
    }

    private static double secondsSince(long nanoTime) {
        return (System.nanoTime() - nanoTime) / 1e9;
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
        await().atMost(LONG)
                .pollInterval(Duration.ofMillis(200))
                .ignoreExceptions()
                .until(() -> {
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
