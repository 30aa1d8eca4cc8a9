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
import java.util.List;
import java.util.Map;
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
        Outputs outputs = new Outputs(
                folder,
                BrokerAddress.open(field.url()),
                "gw-1",
                new Outputs.Memory(Map.of(), Map.of()),
                List.of(),
                (kind, key, body) -> {},
                (output, reason) -> true,
                new AgentMetrics(),
                Clock.systemUTC(),
                // Whoever waits for time to pass waits for ever.
                () -> 0);
        outputs.apply(settings(settings));
        outputs.start();
        return outputs;
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
}
