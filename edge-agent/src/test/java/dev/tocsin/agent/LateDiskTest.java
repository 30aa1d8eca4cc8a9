package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.agent.link.BrokerAddress;
import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.agent.output.Outputs;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.command.Command;
import dev.tocsin.profiles.command.Command.Kind;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.settings.GatewaySettings;
import dev.tocsin.profiles.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.config.CoapConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk cannot be read when the agent starts, and can be later: what outputs were told is known then. */
class LateDiskTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String OUTPUTS = """
            outputs:
              - name: siren
                mqtt: {topic: outputs/siren, on: "ON", off: "OFF"}
              - name: strobe
                silenceable: false
                mqtt: {topic: outputs/strobe, on: "ON", off: "OFF"}
            """;

    @TempDir
    Path folder;

    private TestBroker broker;
    private Cloud cloud;
    private Siren siren;
    private Siren strobe;

    @BeforeEach
    void start() throws Exception {
        broker = new TestBroker();
        cloud = new Cloud(broker.url());
        siren = new Siren(broker.url(), "outputs/siren");
        strobe = new Siren(broker.url(), "outputs/strobe");
        Files.writeString(folder.resolve("outputs.yaml"), OUTPUTS);
    }

    @AfterEach
    void stop() throws Exception {
        assertThat(cloud.faults).isEmpty();
        siren.close();
        strobe.close();
        cloud.close();
        broker.close();
    }

    private AgentUnderTest agent(Path data) throws Exception {
        return new AgentUnderTest(
                data,
                broker.url(),
                broker.url(),
                "--enrolment=open",
                "--outputs.file=" + folder.resolve("outputs.yaml"));
    }

    private void smoke(boolean smoke) throws Exception {
        cloud.publish("zigbee2mqtt/kitchen", "{\"smoke\":" + smoke + ",\"battery\":97,\"battery_low\":false}");
    }

    private void silence() throws Exception {
        Instant now = Instant.now();
        Command silence = new Command("c1", Kind.SILENCE, now, now.plusSeconds(60), null, Map.of());
        cloud.publish(Topics.command("gw-1"), new String(DesiredJson.write(silence), StandardCharsets.UTF_8));
    }

    private void awaitOrders(Siren output, String... orders) {
        await().atMost(SOON).untilAsserted(() -> assertThat(output.orders).containsExactly(orders));
    }

    @Test
    void anAlarmThatStandsDrivesItsOutputsAgainButForThoseThatAreSilencedAndItsEndSwitchesThemOff() throws Exception {
        Path data = folder.resolve("data");
        try (AgentUnderTest agent = agent(data)) {
            await().atMost(SOON)
                    .until(() -> agent.health().contains("\"field\":\"ok\"")
                            && agent.health().contains("\"uplink\":\"ok\""));
            smoke(true);
            awaitOrders(siren, "ON");
            awaitOrders(strobe, "ON");
            silence();
            awaitOrders(siren, "ON", "OFF");
            await().atMost(SOON).until(() -> agent.health().contains("\"siren\":\"off\""));
        }
        Path away = Files.move(data, folder.resolve("away"));
        Files.createFile(data);
        try (AgentUnderTest agent = agent(data)) {
            assertThat(agent.health()).doesNotContain("\"spool\":\"ok\"");
            Files.delete(data);
            Files.move(away, data);
            awaitOrders(strobe, "ON", "ON");
            smoke(false);
            awaitOrders(strobe, "ON", "ON", "OFF");
            assertThat(siren.orders).as("it is silenced").containsExactly("ON", "OFF");
        }
    }

    /** It came back with the disk, switched the siren on, and hid the next alarm. */
    @Test
    void anAlarmThatEndedWhileTheDiskCouldNotBeReadIsOverAndTheNextOneIsAnAlarm() throws Exception {
        CoapConfig.register();
        Path data = folder.resolve("data");
        try (AgentUnderTest agent = agent(data)) {
            await().atMost(SOON).until(() -> agent.health().contains("\"uplink\":\"ok\""));
            agent.postTemperature("room-c", 90);
            agent.postTemperature("room-c", 91);
            awaitOrders(siren, "ON");
        }
        Path away = Files.move(data, folder.resolve("away"));
        Files.createFile(data);
        try (AgentUnderTest agent = agent(data)) {
            agent.postTemperature("room-c", 20);
            agent.postTemperature("room-c", 20.1);
            Files.delete(data);
            Files.move(away, data);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(told()).containsExactly(AlertState.ACTIVE, AlertState.CLEARED));
            awaitOrders(siren, "ON", "OFF");
            agent.postTemperature("room-c", 92);
            agent.postTemperature("room-c", 93);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(told())
                            .containsExactly(AlertState.ACTIVE, AlertState.CLEARED, AlertState.ACTIVE));
            awaitOrders(siren, "ON", "OFF", "ON");
        }
        assertThat(cloud.alerts.stream()
                        .filter(alert -> alert.device().equals("room-c"))
                        .map(Alert::id)
                        .distinct())
                .hasSize(2);
    }

    private List<AlertState> told() {
        synchronized (cloud.alerts) {
            return cloud.alerts.stream()
                    .filter(alert -> alert.device().equals("room-c"))
                    .map(Alert::state)
                    .toList();
        }
    }

    @Test
    void anOutputThatAnEarlierRunDidNotSeeOffIsSwitchedOff() throws Exception {
        try (Outputs outputs = new Outputs(
                folder,
                BrokerAddress.open(broker.url()),
                "gw-1",
                new Outputs.Memory(Map.of(), Map.of()),
                List.of(),
                (kind, key, body) -> {},
                (output, reason) -> true,
                new AgentMetrics(),
                Clock.systemUTC(),
                () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()))) {
            outputs.apply(GatewaySettings.parse(OUTPUTS, "outputs.yaml", GatewaySettings.Origin.GATEWAY_FILE));
            outputs.start();
            outputs.recall(new Outputs.Memory(Map.of("siren", new byte[0]), Map.of()), List.of());
            awaitOrders(siren, "OFF");
            assertThat(strobe.orders).isEmpty();
        }
    }
}
