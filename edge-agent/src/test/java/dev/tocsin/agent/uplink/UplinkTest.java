package dev.tocsin.agent.uplink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tocsin.agent.SlowBroker;
import dev.tocsin.agent.link.BrokerAddress;
import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.agent.spool.Draft;
import dev.tocsin.agent.spool.Spool;
import dev.tocsin.agent.spool.SpoolException;
import dev.tocsin.agent.spool.SpoolLimits;
import dev.tocsin.agent.spool.SpoolReader;
import dev.tocsin.agent.spool.Spools;
import dev.tocsin.agent.spool.Work;
import dev.tocsin.profiles.desired.GatewayStatus;
import dev.tocsin.profiles.desired.UpdateProgress;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.wire.Lane;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UplinkTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private SlowBroker broker;
    private Spool spool;
    private volatile Uplink uplink;
    private AgentMetrics metrics;

    private static final class NothingNew implements Uplink.Running {
        @Override
        public long changes() {
            return 1;
        }

        @Override
        public long registryVersion() {
            return 1;
        }

        @Override
        public GatewayStatus.Running versions() {
            return new GatewayStatus.Running(0, Map.of(), Map.of(), List.of());
        }

        @Override
        public List<GatewayStatus.Refused> refused() {
            return List.of();
        }

        @Override
        public UpdateProgress update() {
            return null;
        }
    }

    @BeforeEach
    void open() throws Exception {
        broker = new SlowBroker();
        SpoolLimits limits = Spools.limits(1 << 24, 1_000, 100);
        spool = Spools.of(folder.resolve("spool.db"), limits);
        spool.start(commit -> uplink.committed(commit), () -> {});
        start(broker.url());
        await().atMost(SOON).until(uplink::connected);
    }

    private void start(String... urls) {
        metrics = new AgentMetrics();
        uplink = new Uplink(
                Stream.of(urls).map(BrokerAddress::open).toList(),
                "gw-1",
                "test",
                4,
                spool,
                new NothingNew(),
                (topic, payload, expirySeconds) -> {},
                Clock.systemUTC(),
                () -> true,
                () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()),
                metrics);
        uplink.start();
    }

    @AfterEach
    void close() throws Exception {
        uplink.close();
        spool.close();
        broker.close();
    }

    private record Step(int number, CountDownLatch done, boolean alert) implements Work {
        @Override
        public int weight() {
            return 1;
        }

        @Override
        public void into(Draft draft) {
            if (alert) {
                draft.message(Lane.ALERT, new byte[] {1});
                return;
            }
            draft.readings("d", "p", false, List.of(new Reading("d", "t", number, number, number, Quality.GOOD)));
            draft.flush();
        }

        @Override
        public void indigestible(Draft draft, RuntimeException cause) {
            throw cause;
        }

        @Override
        public void kept() {
            done.countDown();
        }
    }

    private void store(int number) throws InterruptedException {
        store(number, false);
    }

    private void store(int number, boolean alert) throws InterruptedException {
        Step step = new Step(number, new CountDownLatch(1), alert);
        assertThat(spool.submit(step, SOON)).isTrue();
        assertThat(step.done().await(20, TimeUnit.SECONDS)).isTrue();
    }

    /** More than a lane has on its way, each to be sent at once, to a broker that acknowledges none. */
    private void fillTheLane() throws InterruptedException {
        broker.withhold();
        for (int i = 1; i <= 8; i++) {
            store(i);
            int sent = i;
            await().atMost(SOON).until(() -> broker.owed() >= sent);
        }
        for (int i = 9; i <= 20; i++) {
            store(i);
        }
    }

    private void awaitEverythingDelivered() {
        await().atMost(SOON).until(() -> {
            spool.tidy();
            return spool.status().blocks() == 0;
        });
    }

    @Test
    void aBrokerThatAcknowledgesLateHoldsUpALaneOnlyAsLongAsItDoes() throws Exception {
        fillTheLane();
        // Time for the pending readings to become due while the lane is full.
        await().pollDelay(Duration.ofMillis(500)).until(() -> true);
        broker.release();
        awaitEverythingDelivered();
        assertThat(broker.connects).hasValue(1);
    }

    @Test
    void aBrokerThatDiesWithAFullLaneIsConnectedAgainAndGetsEverything() throws Exception {
        fillTheLane();
        await().pollDelay(Duration.ofMillis(500)).until(() -> true);
        broker.hangUp();
        awaitEverythingDelivered();
        assertThat(broker.connects).hasValueGreaterThanOrEqualTo(2);
    }

    @Test
    void aBrokerThatIsGoneIsFollowedByTheNextOfTheListAndEverythingGetsThere() throws Exception {
        uplink.close();
        try (SlowBroker second = new SlowBroker()) {
            start(broker.url(), second.url());
            await().atMost(SOON).until(() -> uplink.brokerConnected().equals(broker.url()));
            fillTheLane();
            broker.close();
            await().atMost(SOON).until(() -> uplink.brokerConnected().equals(second.url()));
            awaitEverythingDelivered();
            assertThat(metrics.scrape())
                    .contains("tocsin_agent_uplink_broker 2.0")
                    .contains("tocsin_agent_uplink_connections_total{broker=\"" + second.url() + "\"} 1.0");
            assertThat(second.publications).hasValueGreaterThan(0);
        }
    }

    private List<String> lanesOf(List<String> topics) {
        return topics.stream()
                .map(topic -> topic.substring(topic.lastIndexOf('/') + 1))
                .toList();
    }

    @Test
    void whatAnOutageLeftGoesAfterAlertsAndABrokerThatChokesOnItStillGetsTheNextAlertAndLiveReadingsAtOnce()
            throws Exception {
        uplink.close();
        // More than one batch can carry, so that the backlog's window fills up.
        for (int i = 1; i <= 6; i++) {
            storeLarge(i);
        }
        store(100, true);
        store(101, true);
        broker.topics.clear();
        broker.withhold();
        start(broker.url());
        await().atMost(SOON).until(() -> broker.topics.size() >= 4);
        assertThat(lanesOf(broker.topics)).startsWith("alert", "alert", "backlog", "backlog");
        store(102, true);
        await().atMost(SOON).until(() -> broker.topics.size() >= 5);
        store(103);
        await().atMost(SOON).until(() -> broker.topics.size() >= 6);
        assertThat(lanesOf(broker.topics)).containsExactly("alert", "alert", "backlog", "backlog", "alert", "live");
        broker.release();
        awaitEverythingDelivered();
    }

    @Test
    void whatAnOutageLeftLeavesTheWayToAnAlertThatIsOnIt() throws Exception {
        uplink.close();
        for (int i = 1; i <= 6; i++) {
            storeLarge(i);
        }
        long stored = spool.status().blocks();
        broker.topics.clear();
        broker.withhold();
        start(broker.url());
        await().atMost(SOON).until(() -> broker.topics.size() >= 2);
        store(100, true);
        await().atMost(SOON).until(() -> broker.topics.size() >= 3);
        broker.release("backlog");
        await().atMost(SOON).until(() -> {
            spool.tidy();
            return spool.status().blocks() < stored;
        });
        store(101);
        await().atMost(SOON).until(() -> broker.topics.size() >= 4);
        assertThat(lanesOf(broker.topics)).containsExactly("backlog", "backlog", "alert", "live");
        broker.release();
        awaitEverythingDelivered();
    }

    /** A commit that fills a batch by itself. */
    private void storeLarge(int number) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(1);
        List<Reading> many = LongStream.range(0, 20_000)
                .mapToObj(i -> new Reading("d", "t", Math.sin(number * 20_000.0 + i), i, i, Quality.GOOD))
                .toList();
        assertThat(spool.submit(new Large(many, done), SOON)).isTrue();
        assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private record Large(List<Reading> readings, CountDownLatch done) implements Work {
        @Override
        public int weight() {
            return readings.size();
        }

        @Override
        public void into(Draft draft) {
            draft.readings("d", "p", false, readings);
        }

        @Override
        public void indigestible(Draft draft, RuntimeException cause) {
            throw cause;
        }

        @Override
        public void kept() {
            done.countDown();
        }
    }

    /** A broker may lose a state that is published in the moment in which it is subscribed to. */
    @Test
    void statesAreAskedForOnceMoreSoonAfterTheConnection() {
        await().atMost(SOON).until(() -> broker.subscribes.get() == 2);
        assertThat(broker.connects).hasValue(1);
    }

    @Test
    void anAlertThatCannotBeReadNowIsReadLaterThoughNothingNewIsStored() throws Exception {
        store(1, true);
        Path away = folder.resolve("spool.db");
        Path missing = folder.resolve("none/spool.db");
        AtomicBoolean maybeMore = new AtomicBoolean(true);
        try (SpoolReader reader = SpoolReader.readOnly(missing)) {
            MessageSource source = new MessageSource(reader, Lane.ALERT, maybeMore, dropped -> {});
            assertThatThrownBy(() -> source.next(0)).isInstanceOf(SpoolException.class);
            Files.createDirectory(missing.getParent());
            broker.withhold();
            store(2, true);
            for (String suffix : List.of("", "-wal")) {
                Files.copy(Path.of(away + suffix), Path.of(missing + suffix));
            }
            assertThat(source.next(0)).isNotNull();
        }
    }

    @Test
    void theFirstReadingAfterAPauseWakesTheUplinkThoughItIsNotDueYet() {
        Readings readings = new Readings(spool, spool.reader());
        Spool.Commit commit = new Spool.Commit(1, 1, 100, false, false, 0, 0, 1);
        assertThat(readings.committed(commit, 1_000)).isTrue();
        assertThat(readings.committed(commit, 1_010)).isFalse();
        assertThat(readings.live().dueInMs(1_010)).isEqualTo(Readings.LIVE_EVERY_MS - 10);
    }
}
