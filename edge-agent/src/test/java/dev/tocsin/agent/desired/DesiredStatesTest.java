package dev.tocsin.agent.desired;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.agent.SmallDisk;
import dev.tocsin.agent.link.FieldLink;
import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.agent.spool.Keep;
import dev.tocsin.agent.spool.Spool;
import dev.tocsin.agent.spool.Spools;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayState;
import dev.tocsin.profiles.desired.GatewayState.EnrolledDevice;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.desired.GatewayStatus;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.settings.SettingsState;
import dev.tocsin.profiles.wire.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a state that the agent cannot run with. */
class DesiredStatesTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final String TOPIC = Topics.stateOfSettings("gw-1");

    @TempDir
    Path folder;

    /** By so much time goes faster than it does. */
    private final AtomicLong aheadMs = new AtomicLong();

    private long monotonicMs() {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime()) + aheadMs.get();
    }

    /** One run of an agent, as far as its states are concerned. */
    private final class Run implements AutoCloseable {
        final Spool spool = new Spool(
                folder.resolve("data/spool.db"),
                Spools.limits(1 << 24, 1_000, 100),
                16,
                Clock.systemUTC(),
                DesiredStatesTest.this::monotonicMs,
                way -> new FieldLink.State(1, 0, 0),
                () -> {});
        final Registry registry =
                new Registry("gw-1", Enrolment.CLOSED, ProfileCatalog.builtIn(), Clock.systemUTC(), () -> true);
        final DesiredStates states;

        Run(Duration trial, @Nullable String crashed) {
            states = new DesiredStates(
                    registry,
                    spool,
                    new AgentMetrics(),
                    new TrialConfig(trial),
                    crashed,
                    Clock.systemUTC(),
                    DesiredStatesTest.this::monotonicMs);
            spool.start(commit -> {}, states::recall);
            states.start();
        }

        void awaitConfirmed() {
            await().atMost(SOON).until(() -> states.running().trying().isEmpty());
        }

        /** What is on disk stays, and nothing else is done. */
        void dies() {
            spool.close();
        }

        @Override
        public void close() {
            states.close();
            spool.close();
        }
    }

    private static byte[] settings(long version) {
        return DesiredJson.write(new SettingsState(version, "gw-1", "log-level: info"));
    }

    private void confirmed(long version) {
        try (Run run = new Run(Duration.ofMillis(100), null)) {
            run.states.arrived(TOPIC, settings(version));
            run.awaitConfirmed();
        }
    }

    @Test
    void aStateThatTheAgentCrashedWithIsNotAppliedAgainAndTheLastGoodOneIs() {
        confirmed(1);
        Run crashing = new Run(LONG, null);
        crashing.states.arrived(TOPIC, settings(2));
        assertThat(crashing.registry.settingsVersion()).isEqualTo(2);
        assertThat(crashing.states.running().trying()).containsExactly(TOPIC);
        crashing.dies();

        try (Run next = new Run(LONG, "thread judge: java.lang.StackOverflowError")) {
            assertThat(next.registry.settingsVersion()).isEqualTo(1);
            // The broker brings it again at each connection.
            next.states.arrived(TOPIC, settings(2));
            assertThat(next.registry.settingsVersion()).isEqualTo(1);
            GatewayStatus.Refused refused = next.states.refused().get(0);
            assertThat(refused.topic()).isEqualTo(TOPIC);
            assertThat(refused.version()).isEqualTo(2);
            assertThat(refused.reason()).contains("crashed", "StackOverflowError");

            next.states.arrived(TOPIC, settings(3));
            assertThat(next.registry.settingsVersion()).isEqualTo(3);
            assertThat(next.states.refused()).isEmpty();
        }
        // It ended because it was told to, and had run with it until then.
        try (Run last = new Run(LONG, null)) {
            assertThat(last.registry.settingsVersion()).isEqualTo(3);
        }
    }

    @Test
    void aCrashIsHeldAgainstWhatWasTriedAlsoWhereTheDiskCanBeReadOnlyLater() throws Exception {
        confirmed(1);
        Run crashing = new Run(LONG, null);
        crashing.states.arrived(TOPIC, settings(2));
        crashing.dies();
        Path data = folder.resolve("data");
        Path away = Files.move(data, folder.resolve("away"));
        Files.createFile(data);

        try (Run next = new Run(LONG, "thread judge: java.lang.StackOverflowError")) {
            assertThat(next.registry.settingsVersion()).isZero();
            Files.delete(data);
            Files.move(away, data);
            await().atMost(SOON).until(() -> next.registry.settingsVersion() == 1);
            assertThat(next.states.refused())
                    .singleElement()
                    .satisfies(refused -> assertThat(refused.reason()).contains("StackOverflowError"));
        }
    }

    @Test
    void aKillSaysNothingOfTheStateThatWasTriedButThreeInARowDo() {
        confirmed(1);
        for (int i = 0; i < DesiredStates.MAX_ENDED_RUNS; i++) {
            Run killed = new Run(LONG, null);
            killed.states.arrived(TOPIC, settings(2));
            assertThat(killed.registry.settingsVersion()).as("run %d", i).isEqualTo(2);
            killed.dies();
        }
        try (Run next = new Run(LONG, null)) {
            next.states.arrived(TOPIC, settings(2));
            assertThat(next.registry.settingsVersion()).isEqualTo(1);
            assertThat(next.states.refused().get(0).reason()).contains("3 runs");
        }
    }

    @Test
    void withoutAGoodOneToGoBackToNoNumberOfKillsKeepsTheFirstStateAway() {
        for (int i = 0; i < 2 * DesiredStates.MAX_ENDED_RUNS; i++) {
            Run killed = new Run(LONG, null);
            killed.states.arrived(TOPIC, settings(1));
            assertThat(killed.registry.settingsVersion()).as("run %d", i).isEqualTo(1);
            killed.dies();
        }
    }

    @Test
    void theFirstStateOutlivesAKillWithoutTheCloudAndACrashWithItRefusesIt() {
        Run first = new Run(LONG, null);
        first.states.arrived(TOPIC, settings(1));
        first.dies();
        Run alone = new Run(LONG, null);
        assertThat(alone.registry.settingsVersion()).isEqualTo(1);
        assertThat(alone.states.running().trying()).containsExactly(TOPIC);
        alone.dies();
        try (Run next = new Run(LONG, "thread judge: java.lang.StackOverflowError")) {
            assertThat(next.registry.settingsVersion()).isZero();
            next.states.arrived(TOPIC, settings(1));
            assertThat(next.registry.settingsVersion()).isZero();
        }
        try (Run last = new Run(LONG, null)) {
            assertThat(last.registry.settingsVersion()).isZero();
            assertThat(last.states.refused()).hasSize(1);
        }
    }

    @Test
    void aDiskThatFillsUpDuringATrialRefusesNoStateAndTheTrialEndsWithIt() throws Exception {
        try (SmallDisk disk = new SmallDisk(folder, "8m");
                Run run = new Run(LONG, null)) {
            run.states.arrived(TOPIC, settings(1));
            disk.fill();
            await().atMost(SOON).until(() -> {
                run.spool.submit(new Keep("test", "test", new byte[64 * 1024]), Duration.ZERO);
                return run.spool.refusing();
            });
            aheadMs.set(LONG.toMillis());
            // It is decided within a second whether the trial is over.
            await().during(Duration.ofSeconds(2))
                    .atMost(SOON)
                    .until(() -> run.states.running().trying().equals(List.of(TOPIC)));
            disk.empty();
            run.awaitConfirmed();
            assertThat(run.registry.settingsVersion()).isEqualTo(1);
            assertThat(run.states.refused()).isEmpty();
        }
    }

    @Test
    void whatCanBeReadLateDoesNotTakeThePlaceOfWhatWasConfirmedMeanwhile() {
        confirmed(3);
        try (Run run = new Run(LONG, null)) {
            run.spool.submit(new Keep(DesiredStates.KIND_STATE, TOPIC, settings(2)), SOON);
            await().atMost(SOON)
                    .until(() -> Arrays.equals(
                            settings(2),
                            run.spool.kept(DesiredStates.KIND_STATE).get(TOPIC)));
            run.states.recall();
            run.registry.onChange(() -> {
                if (run.registry.settingsVersion() == 4) {
                    throw new IllegalStateException("cannot bind");
                }
            });
            run.states.arrived(TOPIC, settings(4));
            assertThat(run.registry.settingsVersion()).isEqualTo(3);
        }
    }

    @Test
    void aStateThatAPartOfTheAgentFailsAtIsRolledBackAtOnce() {
        confirmed(1);
        try (Run run = new Run(LONG, null)) {
            run.registry.onChange(() -> {
                if (run.registry.settingsVersion() == 2) {
                    throw new IllegalStateException("cannot bind");
                }
            });
            run.states.arrived(TOPIC, settings(2));
            assertThat(run.registry.settingsVersion()).isEqualTo(1);
            assertThat(run.states.refused().get(0).reason()).contains("cannot bind");
        }
    }

    @Test
    void whatIsWrongIsRefusedAsAWholeWithItsPlaceAndSurvivesARestartAsSuch() {
        confirmed(1);
        byte[] wrong = DesiredJson.write(
                new SettingsState(2, "gw-1", "log-level: debug\noutputs: [{name: x, mqtt: {topic: '#'}}]"));
        try (Run run = new Run(LONG, null)) {
            run.states.arrived(TOPIC, wrong);
            assertThat(run.registry.settings().logLevel()).isEqualTo("info");
            assertThat(run.states.refused().get(0).reason()).contains("/outputs/0/mqtt/topic");
        }
        try (Run run = new Run(LONG, null)) {
            assertThat(run.states.refused().get(0).version()).isEqualTo(2);
        }
    }

    @Test
    void whoLooksWhileTheAgentGoesBackSeesNoMomentWithoutDevices() throws Exception {
        Registry registry =
                new Registry("gw-1", Enrolment.CLOSED, ProfileCatalog.builtIn(), Clock.systemUTC(), () -> true);
        Place hall = new Place(new String[] {"district"}, "hall", null, null);
        Map<String, byte[]> good = new LinkedHashMap<>();
        good.put(TOPIC, settings(1));
        good.put(
                Topics.stateOfGateway("gw-1"),
                DesiredJson.write(new GatewayState(
                        1,
                        "gw-1",
                        "Gateway",
                        hall,
                        Enrolment.CLOSED,
                        List.of(new EnrolledDevice("horn", "zigbee2mqtt-smoke", "Horn", hall)))));
        good.forEach(registry::apply);
        AtomicBoolean over = new AtomicBoolean();
        AtomicBoolean unknown = new AtomicBoolean();
        Thread looking = new Thread(() -> {
            while (!over.get()) {
                unknown.compareAndSet(false, registry.profileOf("horn") == null);
            }
        });
        looking.start();
        for (int i = 0; i < 300; i++) {
            registry.restore(good);
        }
        over.set(true);
        looking.join();
        assertThat(unknown).isFalse();
    }
}
