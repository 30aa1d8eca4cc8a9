package dev.tocsin.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tocsin.cloud.devices.RegistryFile;
import dev.tocsin.profiles.desired.AreaTree;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayState;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.desired.GatewayStatus;
import dev.tocsin.profiles.desired.Pulse;
import dev.tocsin.profiles.desired.SeenDevice;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class RegistryTest {
    private static RunningApi api;
    private static final Map<String, byte[]> RETAINED = new ConcurrentHashMap<>();
    private static MqttAsyncClient watcher;

    @BeforeAll
    static void start() throws Exception {
        api = new RunningApi();
        watcher = new MqttAsyncClient(api.broker.url(), "watcher", new MemoryPersistence());
        watcher.connect().waitForCompletion();
        watcher.setCallback((SilentCallback) (topic, message) -> RETAINED.put(topic, message.getPayload()));
        watcher.subscribe(new MqttSubscription(Topics.STATE_FILTER, 1)).waitForCompletion();
    }

    @AfterAll
    static void stop() throws Exception {
        watcher.disconnectForcibly(0, 500, false);
        watcher.close(true);
        api.close();
    }

    @Test
    void theRegistryIsPublishedAndAChangeHasAHigherVersion() throws Exception {
        await().until(() -> RETAINED.containsKey(Topics.AREAS) && state("gateway-1") != null);
        AreaTree areas = DesiredJson.read(RETAINED.get(Topics.AREAS), AreaTree.class);
        assertThat(areas.areas()).extracting(AreaTree.Area::id).containsExactly("district", "old-town");
        GatewayState before = state("gateway-1");
        assertThat(before.devices())
                .anyMatch(d -> d.id().equals("hall-3") && d.place().areas().length == 2);

        Browser.Answer answer = api.admin()
                .send(
                        "PUT",
                        "/api/v1/devices/hall-4",
                        "{\"gateway\":\"gateway-1\",\"profile\":\""
                                + RunningApi.profile().id() + "\",\"name\":\"Hall 4\"}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.body().at("/place/name").asText()).isEqualTo("cellar");
        await().until(() -> state("gateway-1").devices().stream().anyMatch(d -> d.id().equals("hall-4")));
        assertThat(state("gateway-1").version()).isGreaterThan(before.version());
    }

    @Test
    void whoReportsUnderOpenEnrolmentIsEnrolledAndUnderClosedOnlyListed() throws Exception {
        String profile = RunningApi.profile().id();
        api.broker.publish(
                Topics.up(0, "gateway-1", Lane.SEEN),
                DesiredJson.write(new SeenDevice("gateway-1", "newcomer", profile, true, api.clock.instant())));
        api.broker.publish(
                Topics.up(0, "gateway-2", Lane.SEEN),
                DesiredJson.write(new SeenDevice("gateway-2", "stranger", profile, false, api.clock.instant())));
        api.broker.publish(Topics.up(0, "gateway-2", Lane.SEEN), new byte[] {1});
        Browser duty = api.duty();

        await().until(() -> duty.get("/api/v1/devices/newcomer").status() == 200
                && duty.get("/api/v1/seen").body().toString().contains("stranger"));

        assertThat(duty.get("/api/v1/devices/stranger").status()).isEqualTo(404);
        await().until(() -> state("gateway-1").devices().stream().anyMatch(d -> d.id().equals("newcomer")));
    }

    @Test
    void anAreaCannotStandBelowItselfAndNamesOfNothingAreRefused() throws Exception {
        Browser admin = api.admin();
        assertThat(admin.send(
                                "PUT",
                                "/api/v1/areas/district",
                                "{\"parent\":\"old-town\",\"name\":{\"en\":\"x\",\"zh\":\"x\"}}")
                        .code())
                .isEqualTo("cycle");
        assertThat(admin.send("PUT", "/api/v1/devices/y", "{\"gateway\":\"none\",\"profile\":\"p\",\"name\":\"n\"}")
                        .where())
                .isEqualTo("/gateway");
    }

    @Test
    void theRiverFollowsStatusAndPulse() throws Exception {
        Browser duty = api.duty();
        api.broker.publish(
                Topics.up(0, "gateway-1", Lane.STATUS),
                DesiredJson.write(new GatewayStatus("gateway-1", true, api.clock.instant(), "1", "e", 3, true)),
                true);
        api.broker.publish(
                Topics.pulse("gateway-1"),
                DesiredJson.write(new Pulse("gateway-1", 1, api.clock.instant(), api.clock.instant())));

        await().until(() ->
                duty.get("/api/v1/river").body().toString().contains("\"part\":\"alarmJob\",\"state\":\"ok\""));
        assertThat(duty.get("/api/v1/gateways")
                        .body()
                        .at("/gateways/0/presence")
                        .asText())
                .isEqualTo("online");
    }

    @Test
    void aWrongRegistryFileNamesEverythingThatIsWrong() throws Exception {
        Path file = Files.createTempFile("registry", ".yaml");
        Files.writeString(file, """
                areas: [{id: a, parent: nowhere}]
                gateways: [{id: g, area: b, enrolment: ajar}]
                devices: [{id: 'no good', gateway: h, profile: none}]
                """);

        assertThatThrownBy(() -> RegistryFile.read(file, RunningApi.profiles(), Enrolment.CLOSED))
                .hasMessageContaining("nowhere")
                .hasMessageContaining("area 'b'")
                .hasMessageContaining("ajar")
                .hasMessageContaining("no good")
                .hasMessageContaining("gateway 'h'")
                .hasMessageContaining("profile 'none'");
    }

    private static GatewayState state(String gateway) {
        byte[] payload = RETAINED.get(Topics.stateOfGateway(gateway));
        return payload == null ? null : DesiredJson.read(payload, GatewayState.class);
    }
}
