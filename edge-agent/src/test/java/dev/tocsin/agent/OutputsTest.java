package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.agent.link.BrokerAddress;
import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.agent.output.Outputs;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Evidence;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.settings.GatewaySettings;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How outputs follow alerts, with a real broker and real programs, at a time that stands still. */
class OutputsTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String TOPIC = "outputs/gw-1/siren";
    private static final String SIREN = "outputs: [{name: siren, mqtt: {topic: " + TOPIC + ", on: 'ON', off: 'OFF'}}]";

    @TempDir
    Path folder;

    /** Whoever waits for time to pass by itself waits for ever. */
    private final AtomicLong elapsedMs = new AtomicLong();

    private final Map<String, Map<String, byte[]>> kept = new ConcurrentHashMap<>();

    private TestBroker broker;
    private CuttableProxy field;

    @BeforeEach
    void start() throws Exception {
        broker = new TestBroker();
        field = new CuttableProxy(broker.port);
    }

    @AfterEach
    void stop() throws Exception {
        field.close();
        broker.close();
    }

    private Outputs outputs(String settings) throws Exception {
        Outputs outputs = outputs(new Outputs.Memory(Map.of(), Map.of()), List.of(), Clock.systemUTC());
        outputs.apply(settings(settings));
        outputs.start();
        return outputs;
    }

    private Outputs outputs(Outputs.Memory memory, List<Alert> standing, Clock clock) {
        return new Outputs(
                folder,
                BrokerAddress.open(field.url()),
                "gw-1",
                memory,
                standing,
                this::keep,
                (output, reason) -> true,
                new AgentMetrics(),
                clock,
                elapsedMs::get);
    }

    private void keep(String kind, String key, byte @Nullable [] body) {
        Map<String, byte[]> ofKind = kept.computeIfAbsent(kind, k -> new ConcurrentHashMap<>());
        if (body == null) {
            ofKind.remove(key);
        } else {
            ofKind.put(key, body);
        }
    }

    /** What is on disk. */
    private Outputs.Memory memory() {
        return new Outputs.Memory(
                Map.copyOf(kept.getOrDefault(Outputs.KIND_ON, Map.of())),
                Map.copyOf(kept.getOrDefault(Outputs.KIND_SILENCE, Map.of())));
    }

    private static GatewaySettings settings(String text) throws Exception {
        return GatewaySettings.parse(text, "test", GatewaySettings.Origin.GATEWAY_FILE);
    }

    private static Alert fire(String device, @Nullable Instant cleared) {
        Instant onset = Instant.parse("2026-05-01T12:00:00Z");
        return new Alert(
                "alert-of-" + device,
                cleared == null ? 1 : 2,
                cleared == null ? AlertState.ACTIVE : AlertState.CLEARED,
                "test/fire",
                1,
                AlertKind.ALARM,
                Severity.CRITICAL,
                "gw-1",
                device,
                new Place(new String[] {"district"}, "hall", null, null),
                "smoke",
                1,
                "/",
                onset,
                cleared == null ? onset : cleared,
                cleared,
                false,
                false,
                Evidence.NONE);
    }

    private static void awaitState(Outputs outputs, String name, String state) {
        await().atMost(SOON).until(() -> outputs.states().get(name).startsWith(state));
    }

    @Test
    void anAlertDoesNotWaitForTheTurnOfAnOrderThatFailedBeforeIt() throws Exception {
        Path works = folder.resolve("works");
        try (Outputs outputs = outputs("""
                outputs:
                  - name: gong
                    program: {path: /bin/sh, arguments: [-c, "test -f %s"]}
                """.formatted(works))) {
            outputs.onAlert(fire("kitchen", null));
            awaitState(outputs, "gong", "failing");
            Files.createFile(works);
            outputs.onAlert(fire("cellar", null));
            awaitState(outputs, "gong", "on");
        }
    }

    /** What was sent last is what a siren does. */
    @Test
    void aSirenSoundsOnWhereItsOutputIsChangedWhileAnAlertStands() throws Exception {
        try (Siren siren = new Siren(broker.url(), TOPIC);
                Outputs outputs = outputs(SIREN)) {
            await().atMost(SOON).until(outputs.field()::connected);
            outputs.onAlert(fire("kitchen", null));
            await().atMost(SOON).until(() -> siren.orders.equals(List.of("ON")));
            for (int version = 2; version <= 20; version++) {
                String on = "ON " + version;
                outputs.apply(settings(SIREN.replace("'ON'", "'" + on + "'")));
                await().atMost(SOON).until(() -> siren.orders.contains(on));
            }
            outputs.apply(settings(SIREN.replace("name: siren", "name: horn")));
            awaitState(outputs, "horn", "on");
            outputs.onAlert(fire("kitchen", Instant.parse("2026-05-01T12:05:00Z")));
            awaitState(outputs, "horn", "off");
            await().atMost(SOON).until(() -> siren.orders.contains("OFF"));
            assertThat(siren.orders.indexOf("OFF")).isEqualTo(siren.orders.size() - 1);
        }
    }

    @Test
    void anOrderThatTheFieldBrokerMissedIsGivenAsSoonAsItIsBack() throws Exception {
        try (Siren siren = new Siren(broker.url(), TOPIC);
                Outputs outputs = outputs(SIREN)) {
            await().atMost(SOON).until(outputs.field()::connected);
            field.cut();
            await().atMost(SOON).until(() -> !outputs.field().connected());
            outputs.onAlert(fire("kitchen", null));
            awaitState(outputs, "siren", "failing");
            field.mend();
            await().atMost(SOON).until(() -> siren.orders.equals(List.of("ON")));
        }
    }

    @Test
    void whatMayBeOnIsSwitchedOffAlsoWhenItsSettingsComeLaterThanTheStart() throws Exception {
        try (Siren siren = new Siren(broker.url(), TOPIC)) {
            try (Outputs outputs = outputs(SIREN)) {
                outputs.onAlert(fire("kitchen", null));
                await().atMost(SOON).until(() -> siren.orders.equals(List.of("ON")));
            }
            try (Outputs outputs = outputs(memory(), List.of(), Clock.systemUTC())) {
                // The last good settings, of before there was a siren; the newer ones were on trial.
                outputs.apply(GatewaySettings.NONE);
                outputs.start();
                assertThat(memory().on()).containsOnlyKeys("siren");
                outputs.apply(settings(SIREN));
                await().atMost(SOON).until(() -> siren.orders.equals(List.of("ON", "OFF")));
                await().atMost(SOON).until(() -> memory().on().isEmpty());
            }
        }
    }

    @Test
    void aSilenceIsNoLongerThanItWasGivenForWhenTheClockBeginsAnew() throws Exception {
        Alert fire = fire("kitchen", null);
        Duration given = Duration.ofMinutes(5);
        GatewaySettings gong = settings("outputs: [{name: gong, program: {path: /bin/true}}]");
        try (Outputs outputs = outputs(new Outputs.Memory(Map.of(), Map.of()), List.of(fire), Clock.systemUTC())) {
            outputs.apply(gong);
            assertThat(outputs.silence("gong", given.toMillis())).containsExactly("gong");
        }
        Clock neverSet = Clock.fixed(Instant.EPOCH, ZoneOffset.UTC);
        try (Outputs outputs = outputs(memory(), List.of(fire), neverSet)) {
            outputs.apply(gong);
            outputs.start();
            await().during(Duration.ofMillis(500))
                    .atMost(SOON)
                    .until(() -> outputs.states().equals(Map.of("gong", "off")));
            elapsedMs.addAndGet(given.toMillis());
            outputs.apply(gong);
            awaitState(outputs, "gong", "on");
        }
    }

    @Test
    void aFaultOfTheAgentItselfIsToldLikeThatOfAThreadThatDies() throws Exception {
        AtomicReference<Throwable> told = new AtomicReference<>();
        Thread.UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();
        Thread.setDefaultUncaughtExceptionHandler((thread, cause) -> told.set(cause));
        try (Outputs outputs = outputs(SIREN)) {
            await().atMost(SOON).until(outputs.field()::connected);
            // Whoever keeps something there now throws.
            kept.put(Outputs.KIND_ON, Map.of());
            outputs.onAlert(fire("kitchen", null));
            // It is this test's own to catch.
            await().dontCatchUncaughtExceptions()
                    .atMost(SOON)
                    .until(() -> told.get() instanceof UnsupportedOperationException);
        } finally {
            Thread.setDefaultUncaughtExceptionHandler(before);
        }
    }
}
