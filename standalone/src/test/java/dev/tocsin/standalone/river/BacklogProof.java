package dev.tocsin.standalone.river;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.standalone.broker.access.Role;
import dev.tocsin.standalone.field.FieldPublisher;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * What an outage of three days left behind gives the alerts, with onset and end, that the same readings give live, and
 * disturbs no alarm that the same devices raise meanwhile. Takes minutes; run on its own (docs/OPERATIONS.md says how).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BacklogProof {
    private static final int DAYS = Integer.getInteger("days", 3);
    private static final int DEVICES = 200;
    private static final long STEP_MS = 10_000;
    private static final long DAY_MS = Duration.ofDays(1).toMillis();
    private static final int STEPS_OF_BATCH = 60;
    private static final int DEVICES_OF_BATCH = 20;

    /** Each fire raises the fixed temperature's rule and that of the rise. */
    private static final int RULES = 2;

    private static final double FIRE_CELSIUS = 90;
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final String CUT_OFF = "gw-cut-off";
    private static final String TWIN = "gw-twin";

    private final long beganMs = System.currentTimeMillis() / STEP_MS * STEP_MS - DAYS * DAY_MS;
    private final List<FieldPublisher> publishers = new ArrayList<>();

    private Site site;
    private AlertTopic topic;

    /** An alert without the name of its gateway. */
    private record Course(String rule, String device, Instant onset, Instant cleared) {
        static Course of(Alert alert) {
            String device = alert.device().substring(alert.device().lastIndexOf('-') + 1);
            return new Course(alert.rule(), device, alert.onset(), Objects.requireNonNull(alert.cleared()));
        }
    }

    @BeforeAll
    void startTheRiver(@TempDir Path data) throws Exception {
        site = Site.start(data);
        topic = site.alerts("proof-alerts");
    }

    @AfterAll
    void stopTheRiver() throws Exception {
        for (FieldPublisher publisher : publishers) {
            publisher.close();
        }
        topic.close();
        site.close();
    }

    @Test
    void threeDaysOfBacklogBesideTheLiveLane() throws Exception {
        UplinkGateway twin = gateway(TWIN, "");
        UplinkGateway backlog = gateway(CUT_OFF, "-backlog");
        UplinkGateway live = gateway(CUT_OFF, "");

        double liveSeconds = sendHistory(twin, Lane.LIVE);
        print("live", liveSeconds);
        System.out.println("alarms of the live lane alone: " + alarms(live, 0, DEVICES / 2));
        CompletableFuture<Double> drained = new CompletableFuture<>();
        Thread drain = new Thread(() -> drain(backlog, drained), "backlog");
        drain.start();
        System.out.println("alarms beside the backlog: " + alarms(live, DEVICES / 2, DEVICES));
        System.out.println(drained.isDone() ? "the backlog was over before the alarms" : "the backlog still runs");
        print("backlog", drained.get(LONG.toMinutes(), TimeUnit.MINUTES));

        Set<Course> expected = history(TWIN);
        assertThat(expected).hasSize(DEVICES * DAYS * RULES);
        assertThat(history(CUT_OFF)).isEqualTo(expected);
        assertThat(alertsOf(CUT_OFF).stream().filter(alert -> alert.state() == AlertState.ACTIVE && alert.late()))
                .isEmpty();
    }

    private UplinkGateway gateway(String name, String connection) throws IOException {
        String password = site.brokerUser(name, Role.GATEWAY);
        // The broker looks at its users file once a second.
        FieldPublisher publisher = await().ignoreExceptions()
                .atMost(Duration.ofSeconds(10))
                .until(
                        () -> new FieldPublisher(site.platform.brokerUrl(), name + connection, name, password, 200),
                        Objects::nonNull);
        publishers.add(publisher);
        return new UplinkGateway(name, publisher, DEVICES, beganMs);
    }

    private void drain(UplinkGateway backlog, CompletableFuture<Double> drained) {
        try {
            drained.complete(sendHistory(backlog, Lane.BACKLOG));
        } catch (Exception | AssertionError e) {
            drained.completeExceptionally(e);
        }
    }

    /** How many seconds it took until all its alerts were over. */
    private double sendHistory(UplinkGateway gateway, Lane lane) throws Exception {
        long began = System.nanoTime();
        List<CompletableFuture<Integer>> sent = new ArrayList<>();
        long steps = DAYS * DAY_MS / STEP_MS;
        for (long step = 0; step < steps; step += STEPS_OF_BATCH) {
            for (int device = 0; device < DEVICES; device += DEVICES_OF_BATCH) {
                List<List<Reading>> batch = new ArrayList<>();
                for (int d = device; d < device + DEVICES_OF_BATCH; d++) {
                    batch.add(readings(gateway.device(d), d, step));
                }
                sent.add(gateway.send(lane, batch));
            }
        }
        for (CompletableFuture<Integer> one : sent) {
            assertThat(one.get(1, TimeUnit.MINUTES)).isZero();
        }
        String name = lane == Lane.LIVE ? TWIN : CUT_OFF;
        await().atMost(LONG)
                .pollInterval(Duration.ofMillis(200))
                .until(() -> history(name).size() >= DEVICES * DAYS * RULES);
        return (System.nanoTime() - began) / 1e9;
    }

    private List<Reading> readings(String device, int number, long fromStep) {
        List<Reading> readings = new ArrayList<>();
        for (long step = fromStep; step < fromStep + STEPS_OF_BATCH; step++) {
            readings.add(UplinkGateway.reading(device, celsius(number, step), beganMs + step * STEP_MS));
        }
        return readings;
    }

    /** The course of days with a fire in each, at another time in each room. */
    private static double celsius(int device, long step) {
        long ofDay = step * STEP_MS % DAY_MS;
        double calm = 21 + 3 * Math.sin(2 * Math.PI * ofDay / DAY_MS) + 0.01 * ((step + device) % 7);
        double minutes = (ofDay - Duration.ofMinutes(60 + device * 6L).toMillis()) / 60_000.0;
        if (minutes < 0 || minutes > 20) {
            return calm;
        }
        return calm + (minutes < 5 ? 10 * minutes : minutes < 10 ? 50 : 50 - 5 * (minutes - 10));
    }

    /** A fire now in each of these devices, one after the other. */
    private String alarms(UplinkGateway live, int from, int to) throws Exception {
        List<Double> ms = new ArrayList<>();
        for (int device = from; device < to; device++) {
            long atMs = System.currentTimeMillis();
            long sent = System.nanoTime();
            live.send(live.device(device), FIRE_CELSIUS, atMs);
            String id = Alert.idOf(UplinkGateway.PROFILE + "/fixed", live.device(device), atMs);
            AtomicReference<Long> heard = new AtomicReference<>();
            await().atMost(LONG).pollInterval(Duration.ofMillis(50)).until(() -> {
                heard.set(topic.firstHeardNanos(id));
                return heard.get() != null;
            });
            ms.add((heard.get() - sent) / 1e6);
        }
        List<Double> sorted = ms.stream().sorted().toList();
        return "%d, p50 %.1f ms, p99 %.1f ms"
                .formatted(sorted.size(), sorted.get(sorted.size() / 2), sorted.get(sorted.size() * 99 / 100));
    }

    /** What began and ended before today's fires. */
    private Set<Course> history(String gateway) {
        Set<Course> courses = new HashSet<>();
        for (Alert alert : alertsOf(gateway)) {
            if (alert.state() == AlertState.CLEARED && alert.onset().toEpochMilli() < beganMs + DAYS * DAY_MS) {
                courses.add(Course.of(alert));
            }
        }
        return courses;
    }

    /** The newest revision of each. */
    private List<Alert> alertsOf(String gateway) {
        Map<String, Alert> newest = topic.publications().stream()
                .filter(alert -> alert.gateway().equals(gateway))
                .collect(Collectors.toMap(
                        Alert::id, alert -> alert, (a, b) -> a.revision() > b.revision() ? a : b, HashMap::new));
        return List.copyOf(newest.values());
    }

    private static void print(String lane, double seconds) {
        long readings = (long) DEVICES * DAYS * DAY_MS / STEP_MS;
        System.out.printf(
                "%,d readings by the %s lane in %.1f s (%,.0f a second)%n",
                readings, lane, seconds, readings / seconds);
    }
}
