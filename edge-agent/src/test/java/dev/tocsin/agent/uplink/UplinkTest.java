package dev.tocsin.agent.uplink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.agent.SlowBroker;
import dev.tocsin.agent.link.BrokerAddress;
import dev.tocsin.agent.link.FieldLink;
import dev.tocsin.agent.spool.Draft;
import dev.tocsin.agent.spool.Spool;
import dev.tocsin.agent.spool.SpoolLimits;
import dev.tocsin.agent.spool.Work;
import dev.tocsin.profiles.desired.GatewayStatus;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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
    private Uplink uplink;

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
    }

    @BeforeEach
    void open() throws Exception {
        broker = new SlowBroker();
        SpoolLimits limits = new SpoolLimits(1 << 24, 1_000, 100, Duration.ZERO);
        spool = new Spool(
                folder.resolve("spool.db"), limits, 16, Clock.systemUTC(), () -> new FieldLink.State(1, 0, 0));
        uplink = new Uplink(
                new BrokerAddress(broker.url(), null, null, null),
                "gw-1",
                "test",
                4,
                spool,
                new NothingNew(),
                (topic, payload, expirySeconds) -> {},
                Clock.systemUTC(),
                () -> true,
                () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
        spool.start(uplink::committed);
        uplink.start();
        await().atMost(SOON).until(uplink::connected);
    }

    @AfterEach
    void close() throws Exception {
        uplink.close();
        spool.close();
        broker.close();
    }

    private record Step(int number, CountDownLatch done) implements Work {
        @Override
        public int weight() {
            return 1;
        }

        @Override
        public void into(Draft draft) {
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
        Step step = new Step(number, new CountDownLatch(1));
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
    void theFirstReadingAfterAPauseWakesTheUplinkThoughItIsNotDueYet() {
        Readings readings = new Readings(spool, new dev.tocsin.agent.spool.SpoolReader(spool.path()));
        Spool.Commit commit = new Spool.Commit(1, 1, 100, false, false, 0, 0, 1);
        assertThat(readings.committed(commit, 1_000)).isTrue();
        assertThat(readings.committed(commit, 1_010)).isFalse();
        assertThat(readings.live().dueInMs(1_010)).isEqualTo(Readings.LIVE_EVERY_MS - 10);
    }
}
