package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayState;
import dev.tocsin.profiles.desired.GatewayState.EnrolledDevice;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.eclipse.californium.core.CoapClient;
import org.eclipse.californium.core.CoapResponse;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** The whole agent against a real broker and real clients. */
@Execution(ExecutionMode.CONCURRENT)
class EdgeAgentTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String OPEN = "--enrolment=open";

    @TempDir
    Path folder;

    @RegisterExtension
    final OneBroker one = new OneBroker();

    private final TestBroker broker = one.broker;
    private final Cloud cloud = one.cloud;

    private AgentUnderTest agent(String... more) throws Exception {
        AgentUnderTest agent = one.agent(folder, more);
        await().atMost(SOON).until(() -> fieldConnected(agent));
        // What is retained while it subscribes, the broker may give to nobody.
        agent.awaitHealth("\"uplink\":\"ok\"");
        return agent;
    }

    private static boolean fieldConnected(AgentUnderTest agent) throws Exception {
        return agent.metrics().contains("tocsin_agent_field_connected{broker=\"field\"} 1.0");
    }

    private static String temperature(double celsius) {
        return "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":" + celsius + "}]";
    }

    private static CoapResponse post(AgentUnderTest agent, String path, byte[] payload, int format) throws Exception {
        CoapClient client = new CoapClient("coap://127.0.0.1:" + agent.coapPort + "/" + path);
        client.setTimeout(10_000L);
        try {
            return client.post(payload, format);
        } finally {
            client.shutdown();
        }
    }

    private static CoapResponse post(AgentUnderTest agent, String payload, int format) throws Exception {
        return post(agent, "sensors/room-c", payload.getBytes(StandardCharsets.UTF_8), format);
    }

    private void retainState(long version, Enrolment enrolment, EnrolledDevice... devices) throws Exception {
        GatewayState state = new GatewayState(version, "gw-1", "Gateway", place("hall"), enrolment, List.of(devices));
        cloud.retain(Topics.stateOfGateway("gw-1"), DesiredJson.write(state));
    }

    private static Place place(String name) {
        return new Place(new String[] {"district", "town"}, name, null, null);
    }

    @Test
    void aMessageOfEitherProtocolBecomesAReadingInTheCloud() throws Exception {
        try (AgentUnderTest agent = agent(OPEN)) {
            cloud.publish("sensors/room-m", temperature(21.5));
            assertThat(post(agent, temperature(22.5), 110).getCode()).isEqualTo(ResponseCode.CHANGED);

            await().atMost(SOON).untilAsserted(() -> {
                assertThat(cloud.valuesOf("room-m")).containsExactly(21.5);
                assertThat(cloud.valuesOf("room-c")).containsExactly(22.5);
            });
            await().atMost(SOON).untilAsserted(() -> assertThat(cloud.seen).hasSize(2));
        }
    }

    @Test
    void theStatusSaysOnlineAndAfterACleanStopOffline() throws Exception {
        try (AgentUnderTest agent = agent(OPEN)) {
            await().atMost(SOON)
                    .untilAsserted(
                            () -> assertThat(cloud.statuses).anyMatch(status -> status.contains("\"online\":true")));
        }
        await().atMost(SOON)
                .untilAsserted(() -> assertThat(cloud.statuses.get(cloud.statuses.size() - 1))
                        .contains("\"online\":false"));
    }

    @Test
    void whatCannotBeDecodedIsKeptAsRejectedAndACoapClientIsToldWhy() throws Exception {
        try (AgentUnderTest agent = agent(OPEN)) {
            cloud.publish("sensors/room-m", "rubbish");
            CoapResponse refused = post(agent, "rubbish", 110);
            assertThat(refused.getCode()).isEqualTo(ResponseCode.BAD_REQUEST);
            assertThat(refused.getResponseText()).isNotBlank();
            assertThat(post(agent, "<x/>", 41).getCode()).isEqualTo(ResponseCode.UNSUPPORTED_CONTENT_FORMAT);

            await().atMost(SOON)
                    .untilAsserted(
                            () -> assertThat(cloud.rejected).hasSize(2).allMatch(json -> json.contains("MALFORMED")));
        }
    }

    @Test
    void discoveryNamesThePathOfSensors() throws Exception {
        try (AgentUnderTest agent = agent(OPEN)) {
            CoapClient client = new CoapClient("coap://127.0.0.1:" + agent.coapPort + "/.well-known/core");
            assertThat(client.get().getResponseText()).contains("title=\"sensors/{device}\"", "110");
            client.shutdown();
        }
    }

    @Test
    void anAlarmIsRaisedOnceAndClearedOnceThoughTheAgentWasRestartedBetween() throws Exception {
        cloud.retainShortDelays();
        try (AgentUnderTest agent = agent(OPEN)) {
            agent.awaitShortDelays();
            cloud.publish("sensors/room-m", temperature(80));
            cloud.publish("sensors/room-m", temperature(81));
            await().atMost(SOON).untilAsserted(() -> assertThat(cloud.alerts).hasSize(1));
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(cloud.valuesOf("room-m")).hasSize(2));
        }
        try (AgentUnderTest agent = agent(OPEN)) {
            cloud.publish("sensors/room-m", temperature(82));
            // Twice: the first one after such a fall is taken for a glitch.
            cloud.publish("sensors/room-m", temperature(20));
            cloud.publish("sensors/room-m", temperature(20.1));
            await().atMost(SOON).untilAsserted(() -> assertThat(cloud.alerts).hasSize(2));
        }
        Alert raised = cloud.alerts.get(0);
        Alert cleared = cloud.alerts.get(1);
        assertThat(raised.state()).isEqualTo(AlertState.ACTIVE);
        assertThat(raised.rule()).isEqualTo("senml-room/heat");
        assertThat(raised.evidence().readings()).isNotEmpty();
        assertThat(cleared.state()).isEqualTo(AlertState.CLEARED);
        assertThat(cleared.id()).isEqualTo(raised.id());
        assertThat(cleared.revision()).isGreaterThan(raised.revision());
    }

    @Test
    void beforeAnyStateEnrolmentIsClosedAndTheStateOfTheCloudOpensItAndOutlivesTheCloud() throws Exception {
        try (AgentUnderTest agent = agent()) {
            cloud.publish("sensors/room-m", temperature(20));
            await().atMost(SOON)
                    .untilAsserted(() ->
                            assertThat(cloud.rejected).hasSize(1).allMatch(json -> json.contains("NOT_ENROLLED")));
            await().atMost(SOON)
                    .untilAsserted(() ->
                            assertThat(cloud.seen).singleElement().asString().contains("\"accepted\":false"));

            retainState(3, Enrolment.CLOSED, new EnrolledDevice("room-m", "senml-room", "Room", place("room")));
            agent.awaitHealth("\"registryVersion\":3");
            retainState(2, Enrolment.OPEN);
            // Twice: the first one after such a rise is taken for a glitch.
            cloud.publish("sensors/room-m", temperature(80));
            cloud.publish("sensors/room-m", temperature(80.5));
            await().atMost(SOON).untilAsserted(() -> assertThat(cloud.alerts).hasSize(1));
            assertThat(cloud.alerts.get(0).place().name()).isEqualTo("room");
        }
        String nobody = "tcp://127.0.0.1:" + TestBroker.freePort();
        try (AgentUnderTest agent = new AgentUnderTest(folder, broker.url(), nobody)) {
            assertThat(agent.health()).contains("\"registryVersion\":3", "\"uplink\":\"away\"");
            assertThat(post(agent, "sensors/room-m", temperature(20).getBytes(StandardCharsets.UTF_8), 110)
                            .getCode())
                    .isEqualTo(ResponseCode.CHANGED);
        }
    }

    @Test
    void anAlarmOfADeviceThatIsNotEnrolledIsShownAtTheGatewaysPlaceAndItsMessageStaysRejected() throws Exception {
        retainState(1, Enrolment.CLOSED);
        try (AgentUnderTest agent = agent()) {
            agent.awaitHealth("\"registryVersion\":1");
            cloud.publish("zigbee2mqtt/new", "{\"smoke\":true,\"battery\":3}");
            await().atMost(SOON).untilAsserted(() -> {
                assertThat(cloud.alerts).singleElement().satisfies(alert -> {
                    assertThat(alert.rule()).isEqualTo("zigbee2mqtt-smoke/smoke");
                    assertThat(alert.place().name()).isEqualTo("hall");
                });
                assertThat(cloud.rejected).singleElement().asString().contains("NOT_ENROLLED");
                assertThat(cloud.seen).singleElement().asString().contains("\"accepted\":false");
            });
            assertThat(cloud.valuesOf("new")).isEmpty();
        }
    }

    @Test
    void anUplinkThatWasCutLeavesBacklogAndNothingIsMissingOrDoubled() throws Exception {
        try (CuttableProxy way = new CuttableProxy(broker.port);
                AgentUnderTest agent = new AgentUnderTest(folder, broker.url(), way.url(), OPEN)) {
            await().atMost(SOON).until(() -> fieldConnected(agent));
            agent.awaitHealth("\"uplink\":\"ok\"");
            cloud.publish("sensors/room-m", temperature(1));
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(cloud.valuesOf("room-m")).hasSize(1));
            way.cut();
            await().atMost(SOON).until(() -> agent.health().contains("\"uplink\":\"away\""));
            for (int i = 2; i <= 40; i++) {
                cloud.publish("sensors/room-m", temperature(i));
            }
            // Longer than what still counts as live.
            await().pollDelay(Duration.ofSeconds(4)).atMost(SOON).until(() -> true);
            assertThat(cloud.valuesOf("room-m")).hasSize(1);
            way.mend();

            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(cloud.valuesOf("room-m")).hasSize(40));
            assertThat(cloud.valuesOf("room-m")).doesNotHaveDuplicates();
            assertThat(cloud.laneOf.values()).contains(Lane.BACKLOG, Lane.LIVE);
            cloud.publish("sensors/room-m", temperature(41));
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(cloud.valuesOf("room-m")).hasSize(41));
        }
    }

    @Test
    void withoutASubscriberNothingCountsAsDelivered() throws Exception {
        // Plain Artemis does not say that nobody is subscribed, Mosquitto does.
        assumeTrue(Mosquitto.isInstalled(), "mosquitto is not installed");
        try (Mosquitto deserted = new Mosquitto(folder);
                AgentUnderTest agent = new AgentUnderTest(folder, broker.url(), deserted.url(), OPEN)) {
            await().atMost(SOON).until(() -> fieldConnected(agent));
            cloud.publish("sensors/room-m", temperature(1));
            await().atMost(SOON).until(() -> agent.health().contains("\"uplink\":\"ok\""));
            // The heartbeat alone gives several publications; none may be freed.
            await().pollDelay(Duration.ofSeconds(3)).atMost(SOON).until(() -> true);
            assertThat(AgentUnderTest.number(agent.metrics(), "tocsin_agent_spool_blocks (\\d+)"))
                    .isPositive();
            try (Cloud late = new Cloud(deserted.url())) {
                await().atMost(SOON)
                        .untilAsserted(() -> assertThat(late.valuesOf("room-m")).containsExactly(1.0));
                await().atMost(SOON)
                        .until(() -> AgentUnderTest.number(agent.metrics(), "tocsin_agent_spool_blocks (\\d+)") == 0);
            }
        }
    }

    @Test
    void aDevicesOwnResendIsAbsorbed() throws Exception {
        try (AgentUnderTest agent = agent(OPEN)) {
            String timed = "[{\"bt\":" + (System.currentTimeMillis() / 1000 - 20)
                    + ",\"n\":\"temperature\",\"u\":\"Cel\",\"v\":19}]";
            assertThat(post(agent, timed, 110).getCode()).isEqualTo(ResponseCode.CHANGED);
            assertThat(post(agent, timed, 110).getCode()).isEqualTo(ResponseCode.CHANGED);
            assertThat(post(agent, temperature(18), 110).getCode()).isEqualTo(ResponseCode.CHANGED);
            assertThat(post(agent, temperature(18), 110).getCode()).isEqualTo(ResponseCode.CHANGED);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(cloud.valuesOf("room-c")).containsExactly(18.0, 18.0, 19.0));
        }
    }

    private void retainRules(String set) throws Exception {
        cloud.retain(Topics.stateOfRules("site"), set.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aRuleSetOfTheCloudIsJudgedByOutlivesTheCloudAndEndsWithIt() throws Exception {
        String limit = "id: site\nversion: 1000001\nchanges: [{rule: senml-room/heat, when: {above: 30, clear: 25}}]";
        try (AgentUnderTest agent = agent(OPEN)) {
            retainRules(limit);
            agent.awaitHealth("\"ruleSets\":{\"site\":1000001}");
            retainRules("id: site\nversion: 1000002\nchanges: [{rule: senml-room/heat}]");
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(agent.metrics())
                            .contains(
                                    "tocsin_agent_desired_state_refused_total 1.0",
                                    "tocsin_agent_rule_sets 1.0",
                                    "tocsin_agent_rule_sets_newest_version 1000001.0"));
        }
        String nobody = "tcp://127.0.0.1:" + TestBroker.freePort();
        try (AgentUnderTest agent = new AgentUnderTest(folder, broker.url(), nobody, OPEN)) {
            agent.awaitHealth("\"ruleSets\":{\"site\":1000001}");
            assertThat(post(agent, temperature(35), 110).getCode()).isEqualTo(ResponseCode.CHANGED);
        }
        try (AgentUnderTest agent = agent(OPEN)) {
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(cloud.alerts)
                            .singleElement()
                            .satisfies(alert -> {
                                assertThat(alert.rule()).isEqualTo("senml-room/heat");
                                assertThat(alert.ruleVersion()).isEqualTo(1_000_001);
                            }));
            retainRules("");
            agent.awaitHealth("\"ruleSets\":{}");
        }
        try (AgentUnderTest agent = new AgentUnderTest(folder, broker.url(), nobody, OPEN)) {
            agent.awaitHealth("\"ruleSets\":{}");
        }
    }
}
