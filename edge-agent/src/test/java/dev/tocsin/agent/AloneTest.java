package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayState;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.settings.SettingsState;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.CoapServer;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.eclipse.californium.elements.config.Configuration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What an agent does about an alert by itself. */
@Execution(ExecutionMode.CONCURRENT)
class AloneTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String TOPIC = "outputs/gw-1/siren";
    private static final String SIREN = """
            outputs:
              - name: siren
                mqtt: {topic: %s, on: "ON", off: "OFF"}
            """.formatted(TOPIC);

    @TempDir
    Path folder;

    @RegisterExtension
    final OneBroker one = new OneBroker();

    private final TestBroker broker = one.broker;
    private final Cloud cloud = one.cloud;
    private CuttableProxy uplink;

    @BeforeEach
    void start() throws Exception {
        uplink = new CuttableProxy(broker.port);
    }

    @AfterEach
    void stop() throws Exception {
        uplink.close();
    }

    private AgentUnderTest agent(String outputs) throws Exception {
        Files.writeString(folder.resolve("outputs.yaml"), outputs);
        AgentUnderTest agent = new AgentUnderTest(folder, broker.url(), uplink.url(), "--enrolment=open");
        agent.awaitHealth("\"field\":\"ok\"");
        // What is retained while it subscribes, the broker may give to nobody.
        agent.awaitHealth("\"uplink\":\"ok\"");
        return agent;
    }

    private void smoke(String device, boolean smoke) throws Exception {
        cloud.publish("zigbee2mqtt/" + device, "{\"smoke\":" + smoke + ",\"battery\":97,\"battery_low\":false}");
    }

    private List<Alert> alertsOf(String device) {
        return List.copyOf(cloud.alerts).stream()
                .filter(alert -> alert.device().equals(device))
                .toList();
    }

    private void awaitLog(String event, String with) {
        await().atMost(SOON)
                .until(() -> Files.exists(folder.resolve("alerts.log"))
                        && Files.readAllLines(folder.resolve("alerts.log")).stream()
                                .anyMatch(line -> line.contains("\"event\":\"" + event + "\"") && line.contains(with)));
    }

    @Test
    void withTheUplinkCutTheSirenSoundsAndStopsAndTheCloudLearnsOfBothAfterwards() throws Exception {
        try (Siren siren = new Siren(broker.url(), TOPIC);
                AgentUnderTest agent = agent(SIREN)) {
            uplink.cut();
            await().atMost(SOON).until(() -> agent.health().contains("\"uplink\":\"away\""));
            smoke("kitchen", true);
            await().atMost(SOON).until(() -> siren.orders.equals(List.of("ON")));
            smoke("kitchen", false);
            await().atMost(SOON).until(() -> siren.orders.equals(List.of("ON", "OFF")));
            smoke("cellar", true);
            await().atMost(SOON).until(() -> siren.orders.equals(List.of("ON", "OFF", "ON")));
            assertThat(cloud.alerts).isEmpty();
            awaitLog("raised", "cellar");
            awaitLog("on", "\"output\":\"siren\"");
            ObjectMapper json = new ObjectMapper();
            for (String line : Files.readAllLines(folder.resolve("alerts.log"))) {
                assertThat(json.readTree(line).hasNonNull("at")).as(line).isTrue();
            }

            // Long enough for the readings to count as what an outage left behind.
            await().pollDelay(Duration.ofSeconds(4)).until(() -> true);
            int before = cloud.lanes.size();
            uplink.mend();
            // What is over is told as such, and nobody is called for it.
            await().atMost(SOON)
                    .until(() -> !alertsOf("kitchen").isEmpty()
                            && !alertsOf("cellar").isEmpty());
            assertThat(alertsOf("kitchen")).extracting(Alert::state).containsExactly(AlertState.CLEARED);
            assertThat(alertsOf("cellar")).extracting(Alert::state).containsExactly(AlertState.ACTIVE);
            awaitLog("raised", alertsOf("kitchen").get(0).id());
            await().atMost(SOON).until(() -> cloud.lanes.contains(Lane.BACKLOG));
            List<Lane> after = List.copyOf(cloud.lanes);
            after = after.subList(before, after.size());
            assertThat(after.lastIndexOf(Lane.ALERT)).isLessThan(after.indexOf(Lane.BACKLOG));
        }
    }

    @Test
    void anAlarmThatStandsDrivesItsOutputAgainAfterARestartAndOneThatEndedMeanwhileIsSwitchedOff() throws Exception {
        try (Siren siren = new Siren(broker.url(), TOPIC)) {
            try (AgentUnderTest agent = agent(SIREN)) {
                smoke("kitchen", true);
                await().atMost(SOON).until(() -> siren.orders.equals(List.of("ON")));
            }
            try (AgentUnderTest agent = agent(SIREN)) {
                await().atMost(SOON).until(() -> siren.orders.equals(List.of("ON", "ON")));
                smoke("kitchen", false);
                await().atMost(SOON).until(() -> siren.orders.equals(List.of("ON", "ON", "OFF")));
            }
        }
    }

    @Test
    void anOutputThatCannotBeDrivenIsTriedAgainAndIsATroubleUntilItIsDriven() throws Exception {
        Path works = folder.resolve("works");
        String outputs = """
                outputs:
                  - name: gong
                    program: {path: /bin/sh, arguments: [-c, "test -f %s"]}
                """.formatted(works);
        try (AgentUnderTest agent = agent(outputs)) {
            smoke("kitchen", true);
            await().atMost(SOON).until(() -> !alertsOf("gw-1").isEmpty());
            Alert trouble = alertsOf("gw-1").get(0);
            assertThat(trouble.rule()).isEqualTo("gateway/output.gong");
            assertThat(trouble.kind()).isEqualTo(AlertKind.TROUBLE);
            assertThat(agent.health()).contains("failing: /bin/sh ended with 1");
            awaitLog("failed", "gong");
            // No profile has its rule, and still it stands when the registry changes.
            cloud.retain(
                    Topics.stateOfGateway("gw-1"),
                    DesiredJson.write(new GatewayState(
                            1,
                            "gw-1",
                            "Gateway",
                            new Place(new String[] {"district"}, "hall", null, null),
                            Enrolment.OPEN,
                            List.of())));
            await().atMost(SOON).until(() -> agent.health().contains("\"registryVersion\":1"));
            await().during(Duration.ofSeconds(1))
                    .atMost(SOON)
                    .until(() -> alertsOf("gw-1").size() == 1);
            Files.createFile(works);
            await().atMost(SOON).until(() -> alertsOf("gw-1").size() == 2);
            assertThat(alertsOf("gw-1").get(1).state()).isEqualTo(AlertState.CLEARED);
            assertThat(alertsOf("gw-1").get(1).id()).isEqualTo(trouble.id());
            assertThat(agent.health()).contains("\"gong\":\"on\"");
        }
    }

    @Test
    void aRelayIsPutAndAProgramIsStartedWithTheAlertAndWithoutTheAgentsSecrets() throws Exception {
        Path told = folder.resolve("told");
        Path program = folder.resolve("page.sh");
        Files.writeString(program, "#!/bin/sh\n(env; echo; cat; echo) >> " + told + "\n");
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwx------"));
        List<String> puts = new CopyOnWriteArrayList<>();
        CoapServer relay = new CoapServer(Configuration.createStandardWithoutFile());
        CoapEndpoint endpoint = CoapEndpoint.builder()
                .setConfiguration(Configuration.createStandardWithoutFile())
                .setPort(0)
                .build();
        relay.addEndpoint(endpoint);
        relay.add(new CoapResource("relay") {
            @Override
            public void handlePUT(CoapExchange exchange) {
                puts.add(exchange.getRequestText());
                exchange.respond(ResponseCode.CHANGED);
            }
        });
        relay.start();
        String outputs = """
                outputs:
                  - name: relay
                    coap: {uri: "coap://127.0.0.1:%d/relay", on: "1", off: "0"}
                  - name: pager
                    program: {path: %s, timeout: 20s}
                    when: {kinds: [alarm], devices: [kitchen]}
                """.formatted(endpoint.getAddress().getPort(), program);
        try (AgentUnderTest agent = agent(outputs)) {
            smoke("kitchen", true);
            await().atMost(SOON).until(() -> puts.equals(List.of("1")));
            await().atMost(SOON)
                    .until(() -> Files.exists(told) && Files.readString(told).contains("\"state\":\"on\""));
            assertThat(Files.readString(told))
                    .contains("TOCSIN_ALERT_DEVICE=kitchen", "TOCSIN_STATE=on", "\"device\":\"kitchen\"")
                    .doesNotContain("HOME=", "MAVEN");
            smoke("kitchen", false);
            await().atMost(SOON).until(() -> puts.equals(List.of("1", "0")));
            await().atMost(SOON).until(() -> Files.readString(told).contains("\"state\":\"off\""));
        } finally {
            relay.destroy();
        }
    }

    @Test
    void anOutputThatTheCloudDeclaresSoundsAndAProgramThatItDeclaresIsRefusedWithTheReason() throws Exception {
        try (Siren siren = new Siren(broker.url(), TOPIC);
                AgentUnderTest agent = agent("")) {
            settings(1, SIREN);
            await().atMost(SOON).until(() -> agent.health().contains("\"siren\":\"off\""));
            settings(2, "outputs: [{name: x, program: {path: /bin/sh, arguments: [-c, 'touch /tmp/x']}}]");
            await().atMost(SOON)
                    .until(() ->
                            cloud.statuses.stream().anyMatch(status -> status.contains("a program is only named")));
            smoke("kitchen", true);
            await().atMost(SOON).until(() -> siren.orders.equals(List.of("ON")));
            // An output that is no more is switched off.
            settings(3, "log-level: info");
            await().atMost(SOON).until(() -> siren.orders.equals(List.of("ON", "OFF")));
        }
    }

    private void settings(long version, String text) throws Exception {
        cloud.retain(Topics.stateOfSettings("gw-1"), DesiredJson.write(new SettingsState(version, "gw-1", text)));
    }

    @Test
    void aDrillSoundsOnlyWhereTheOutputSaysSo() throws Exception {
        String both = SIREN + """
                  - name: bell
                    mqtt: {topic: outputs/gw-1/bell, on: "ON", off: "OFF"}
                    drills: true
                """;
        try (Siren siren = new Siren(broker.url(), TOPIC);
                Siren bell = new Siren(broker.url(), "outputs/gw-1/bell");
                AgentUnderTest agent = agent(both)) {
            cloud.retain(Topics.stateOfRules("test"), """
                    {"id":"test","version":1000000,"changes":[
                      {"rule":"zigbee2mqtt-smoke/smoke","test-until":"2099-01-01T00:00:00Z"}]}
                    """.getBytes(java.nio.charset.StandardCharsets.UTF_8));
            await().atMost(SOON).until(() -> agent.health().contains("\"ruleSets\":{\"test\""));
            smoke("kitchen", true);
            await().atMost(SOON).until(() -> bell.orders.equals(List.of("ON")));
            smoke("kitchen", false);
            await().atMost(SOON).until(() -> bell.orders.equals(List.of("ON", "OFF")));
            assertThat(siren.orders).isEmpty();
        }
    }

    @Test
    void aFileOfOutputsThatIsWrongStopsTheStartAndSaysWhere() throws IOException {
        Files.writeString(folder.resolve("outputs.yaml"), "outputs: [{name: siren, mqtt: {topic: 'a/#'}}]");
        assertThatThrownBy(() -> new AgentUnderTest(folder, broker.url(), uplink.url()))
                .hasMessageContaining("outputs.yaml")
                .hasMessageContaining("/outputs/0/mqtt/topic: 'a/#' is no topic");
    }
}
