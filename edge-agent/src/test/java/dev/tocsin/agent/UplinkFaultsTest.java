package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.wire.Lane;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A way to the cloud that does everything a way can do to an agent, while sensors send and a fire breaks out each time. */
class UplinkFaultsTest {
    private static final Duration LATER = Duration.ofMinutes(2);
    /** Longer than what waits still counts as live. */
    private static final Duration BACKLOG = Duration.ofSeconds(6);
    /** Longer than a dead connection is not noticed. */
    private static final Duration UNNOTICED = Duration.ofSeconds(18);

    private static final Duration A_WHILE = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    private final AtomicInteger sent = new AtomicInteger();
    private final Set<String> fires = new TreeSet<>();

    private interface Fault {
        void begin(CuttableProxy way) throws Exception;
    }

    @Test
    void whateverTheWayDoesEveryReadingArrivesOnceAndEveryAlertUnderItsId() throws Exception {
        AtomicBoolean sending = new AtomicBoolean(true);
        try (TestBroker field = new TestBroker();
                Cloud sensors = new Cloud(field.url());
                TestBroker platform = new TestBroker();
                Cloud cloud = new Cloud(platform.url());
                CuttableProxy way = new CuttableProxy(platform.port);
                AgentUnderTest agent = new AgentUnderTest(folder, field.url(), way.url(), "--enrolment=open")) {
            await().atMost(LATER)
                    .untilAsserted(() -> assertThat(agent.health())
                            .contains("\"uplink\":\"ok\"")
                            .contains("\"field\":\"ok\""));
            Thread sensor = new Thread(() -> send(sensors, sending), "sensor");
            sensor.start();
            during("reset", BACKLOG, way, sensors, CuttableProxy::cut);
            during("black hole", UNNOTICED, way, sensors, CuttableProxy::silence);
            during("500 ms each way", A_WHILE, way, sensors, proxy -> proxy.delay(500));
            during("1 % lost", A_WHILE, way, sensors, proxy -> proxy.lose(10));
            sending.set(false);
            sensor.join();
            int all = sent.get();
            await().atMost(LATER).untilAsserted(() -> {
                assertThat(cloud.valuesOf("room-1")).hasSize(all);
                assertThat(burning(cloud)).isEqualTo(fires);
            });
            assertThat(cloud.valuesOf("room-1")).doesNotHaveDuplicates();
            assertThat(cloud.laneOf.values()).contains(Lane.LIVE, Lane.BACKLOG);
            assertThat(cloud.alerts.stream()
                            .collect(Collectors.groupingBy(alert -> alert.rule() + " " + alert.device())))
                    .allSatisfy((matter, published) -> assertThat(
                                    published.stream().map(Alert::id).distinct())
                            .hasSize(1));
            assertThat(cloud.faults).isEmpty();
        }
    }

    private static Set<String> burning(Cloud cloud) {
        return cloud.alerts.stream()
                .filter(alert -> alert.kind() == AlertKind.ALARM)
                .map(Alert::device)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private void during(String what, Duration time, CuttableProxy way, Cloud sensors, Fault fault) throws Exception {
        fault.begin(way);
        String fire = "fire-" + fires.size();
        fires.add(fire);
        int before = sent.get();
        sensors.publish("sensors/" + fire, "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":95}]");
        TimeUnit.MILLISECONDS.sleep(time.toMillis());
        way.cut();
        way.mend();
        System.out.println(what + ": " + (sent.get() - before) + " readings and a fire meanwhile");
    }

    private void send(Cloud sensors, AtomicBoolean sending) {
        try {
            while (sending.get()) {
                int number = sent.incrementAndGet();
                sensors.publish(
                        "sensors/room-1", "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":" + number / 10_000.0 + "}]");
                TimeUnit.MILLISECONDS.sleep(2);
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }
}
