package dev.tocsin.standalone.river;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.standalone.broker.access.Role;
import dev.tocsin.standalone.field.FieldPublisher;
import dev.tocsin.standalone.officer.LiveClient;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing that was acknowledged is lost, nothing is there twice, and alerts keep coming, while every part is killed in
 * turn under a flow of batches. Takes many minutes; run on its own (docs/OPERATIONS.md says how).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class FaultProof {
    private static final int BATCHES = Integer.getInteger("proof.batches", 20_000);
    private static final int DEVICES = 10;
    private static final int PER_DEVICE = 5;
    private static final Duration LONG = Duration.ofMinutes(10);

    private Site site;
    private AlertTopic topic;
    private LiveClient live;
    private int gateways;

    @BeforeAll
    void startTheRiver(@TempDir Path data) throws Exception {
        site = Site.start(data);
        topic = site.alerts("proof-alerts");
        live = new LiveClient(site.api().login("duty", Site.PASSWORD));
    }

    @AfterAll
    void stopTheRiver() throws Exception {
        live.close();
        topic.close();
        site.close();
    }

    @Test
    void theStreamJobsAreKilledMoreThanTenTimesInARow() throws Exception {
        try (Flow flow = new Flow(BATCHES)) {
            for (int i = 0; i < 12; i++) {
                String job = i % 2 == 0 ? "alarm-job" : "archive-job";
                killAndAwaitRestart(job);
                flow.alarm();
                flow.awaitProgress(BATCHES / 40);
            }
            flow.finishAndCompare();
        }
    }

    @Test
    void theBrokerIsKilled() throws Exception {
        try (Flow flow = new Flow(BATCHES / 2)) {
            for (int i = 0; i < 5; i++) {
                killAndAwaitRestart("broker");
                flow.alarm();
                flow.awaitProgress(BATCHES / 40);
            }
            flow.finishAndCompare();
        }
    }

    @Test
    void postgresIsAwayForHalfAMinuteAndAlertsStillReachTheScreen() throws Exception {
        try (Flow flow = new Flow(BATCHES / 2)) {
            site.platform.stopPostgres();
            Instant back = Instant.now().plusSeconds(30);
            String device = flow.alarm();
            await().atMost(Duration.ofSeconds(10)).until(() -> !live.of(device).isEmpty());
            flow.awaitUntil(back);
            site.platform.startPostgres();
            flow.finishAndCompare();
        }
    }

    @Test
    void postgresIsAwayUntilTheBrokerPages() throws Exception {
        // Large batches, so that what queues for the archive is more than the broker keeps in memory.
        try (Flow flow = new Flow(BATCHES / 4, 400)) {
            site.platform.stopPostgres();
            String device = flow.alarm();
            await().atMost(Duration.ofSeconds(10)).until(() -> !live.of(device).isEmpty());
            flow.awaitSent();
            System.out.println("queued in the broker while PostgreSQL was away: " + site.brokerJournalMb() + " MB");
            site.platform.startPostgres();
            flow.finishAndCompare();
        }
    }

    private void killAndAwaitRestart(String process) throws Exception {
        long pid = site.platform.child(process).pid();
        new ProcessBuilder("kill", "-9", Long.toString(pid)).start().waitFor();
        await().atMost(Duration.ofMinutes(2))
                .until(() -> site.platform.child(process).pid() != pid
                        && site.platform.child(process).isReady());
    }

    /** One gateway's stream of batches, sent by a thread of its own at 100 batches a second, and what came of it. */
    private final class Flow implements AutoCloseable {
        private final String gateway = "gw-proof-" + gateways++;
        private final FieldPublisher publisher;
        private final UplinkGateway uplink;
        private final int batches;
        private final int perDevice;
        private final AtomicBoolean stop = new AtomicBoolean();
        private final List<CompletableFuture<Integer>> sent = new ArrayList<>();
        private final List<String> alarmed = new ArrayList<>();
        private final Thread sender;
        private volatile int progress;

        Flow(int batches) throws Exception {
            this(batches, PER_DEVICE);
        }

        Flow(int batches, int perDevice) throws Exception {
            this.batches = batches;
            this.perDevice = perDevice;
            String password = site.brokerUser(gateway, Role.GATEWAY);
            // The broker looks at its users file once a second.
            publisher = await().ignoreExceptions()
                    .atMost(Duration.ofSeconds(10))
                    .until(
                            () -> new FieldPublisher(site.platform.brokerUrl(), gateway, gateway, password, 200),
                            Objects::nonNull);
            uplink = new UplinkGateway(
                    gateway,
                    publisher,
                    DEVICES,
                    Instant.now().minusSeconds(86_400).toEpochMilli());
            sender = new Thread(this::send, gateway);
            sender.start();
        }

        private void send() {
            try {
                for (int i = 0; i < batches && !stop.get(); i++) {
                    synchronized (sent) {
                        sent.add(uplink.send(perDevice));
                    }
                    progress = i + 1;
                    TimeUnit.MILLISECONDS.sleep(10);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        /** A fire in a device of its own; its name. */
        String alarm() throws Exception {
            String device = gateway + "-fire" + alarmed.size();
            alarmed.add(device);
            CompletableFuture<Integer> acknowledged;
            synchronized (sent) {
                acknowledged = uplink.send(device, 90, System.currentTimeMillis());
            }
            acknowledged.get(60, TimeUnit.SECONDS);
            long sentAt = System.nanoTime();
            await().atMost(Duration.ofSeconds(60)).until(() -> !topic.of(device).isEmpty());
            System.out.printf(
                    "%s: alert %.2f s after its reading was acknowledged%n",
                    device, (System.nanoTime() - sentAt) / 1e9);
            return device;
        }

        void awaitProgress(int more) {
            int goal = Math.min(batches, progress + more);
            await().atMost(LONG).until(() -> progress >= goal);
        }

        void awaitUntil(Instant when) {
            await().atMost(LONG).until(() -> Instant.now().isAfter(when));
        }

        void awaitSent() {
            await().atMost(LONG).until(() -> progress == batches);
        }

        void finishAndCompare() throws Exception {
            awaitSent();
            sender.join();
            CompletableFuture.allOf(sent.toArray(new CompletableFuture<?>[0])).get(2, TimeUnit.MINUTES);
            assertThat(sent).as("batches that nobody subscribed to").allMatch(code -> code.join() == 0);
            long calm = uplink.sent() - alarmed.size();
            try (Connection database = site.database()) {
                await().atMost(LONG)
                        .pollInterval(Duration.ofSeconds(1))
                        .until(() ->
                                Stored.ofDevicesLike(database, gateway + "-d%").rows() >= calm);
                Stored calmRows = Stored.ofDevicesLike(database, gateway + "-d%");
                System.out.println(gateway + ": sent " + calm + " readings, stored " + calmRows);
                assertThat(calmRows.rows()).as("rows").isEqualTo(calm);
                assertThat(calmRows.distinct()).as("different readings").isEqualTo(calm);
                assertThat(Stored.ofDevicesLike(database, gateway + "-fire%").rows())
                        .isEqualTo(alarmed.size());
            }
            compareAlerts();
        }

        private void compareAlerts() {
            for (String device : alarmed) {
                AlertRevisions.assertRaisedOnce(topic, device);
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> !live.of(device).isEmpty());
            }
        }

        @Override
        public void close() throws Exception {
            stop.set(true);
            sender.join();
            publisher.close();
        }
    }
}
