package dev.tocsin.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tocsin.profiles.command.Command;
import dev.tocsin.profiles.command.CommandReply;
import dev.tocsin.profiles.command.CommandReply.Result;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayStatus;
import dev.tocsin.profiles.profile.LocalText;
import dev.tocsin.profiles.settings.SettingsState;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Commands and settings, from a request to the gateway's topic and back. */
class CommandsTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String GATEWAY = "/api/v1/gateways/gateway-1";

    private final List<Command> heard = new CopyOnWriteArrayList<>();
    private final List<Long> expiries = new CopyOnWriteArrayList<>();
    private final List<SettingsState> settings = new CopyOnWriteArrayList<>();
    private RunningApi api;
    private MqttAsyncClient gateway;

    @BeforeEach
    void start() throws Exception {
        api = new RunningApi();
        gateway = new MqttAsyncClient(api.broker.url(), "gateway-1", new MemoryPersistence());
        gateway.setCallback((SilentCallback) this::heard);
        gateway.connect().waitForCompletion();
        for (String filter : List.of(Topics.command("gateway-1"), Topics.stateOfSettings("gateway-1"))) {
            gateway.subscribe(new MqttSubscription(filter, 1)).waitForCompletion();
        }
    }

    @AfterEach
    void stop() throws Exception {
        gateway.disconnectForcibly(0, 500, false);
        gateway.close(true);
        api.close();
    }

    private void online(GatewayStatus.Running running, List<GatewayStatus.Refused> refused) throws Exception {
        api.broker.publish(
                Topics.up(0, "gateway-1", Lane.STATUS),
                DesiredJson.write(new GatewayStatus(
                        "gateway-1", true, api.clock.instant(), "1", "e", 3, true, null, running, refused)),
                true);
        await().atMost(SOON).until(() -> gateway("presence").asText().equals("online"));
    }

    private void online() throws Exception {
        online(new GatewayStatus.Running(0, Map.of(), Map.of(), List.of()), List.of());
    }

    private JsonNode gateway(String field) throws Exception {
        return api.duty().get("/api/v1/gateways").body().get("gateways").get(0).path(field);
    }

    private void reply(String id, Result result, LocalText text, Map<String, String> data) throws Exception {
        CommandReply reply = new CommandReply(id, result, text, data, api.clock.instant(), api.clock.instant());
        api.broker.publish(Topics.up(0, "gateway-1", Lane.REPLY), DesiredJson.write(reply));
    }

    private String state(Browser who, String id) throws Exception {
        return who.get("/api/v1/commands/" + id).body().path("state").asText();
    }

    @Test
    void aCommandGoesDownWithItsDeadlineAndItsAnswerIsShownWithWhoAsked() throws Exception {
        online();
        Browser duty = api.duty();
        Browser.Answer posted = duty.post(
                GATEWAY + "/commands",
                "{\"kind\":\"SILENCE\",\"deadlineSeconds\":120,\"arguments\":{\"minutes\":\"10\"}}");
        assertThat(posted.status()).as("%s", posted.body()).isEqualTo(200);
        String id = posted.body().get("id").asText();
        await().atMost(SOON).until(() -> !heard.isEmpty());
        assertThat(heard.get(0).id()).isEqualTo(id);
        assertThat(heard.get(0).argument("minutes", "")).isEqualTo("10");
        assertThat(expiries.get(0)).isBetween(100L, 120L);

        reply(id, Result.ACCEPTED, null, Map.of());
        await().atMost(SOON).until(() -> state(duty, id).equals("ACCEPTED"));
        reply(id, Result.DONE, new LocalText("Silenced: siren", "已静音：siren"), Map.of("siren", "off"));
        await().atMost(SOON).until(() -> state(duty, id).equals("DONE"));
        // A repeated delivery is answered again, without data; what was told stays.
        reply(id, Result.DONE, new LocalText("Silenced: siren", "已静音：siren"), Map.of());
        reply(id, Result.ACCEPTED, null, Map.of());
        JsonNode listed = duty.get(GATEWAY + "/commands").body().get("commands").get(0);
        assertThat(listed.get("by").asText()).isEqualTo("duty");
        assertThat(listed.at("/text/zh").asText()).isEqualTo("已静音：siren");
        assertThat(listed.has("data")).isFalse();
        JsonNode whole = duty.get("/api/v1/commands/" + id).body();
        assertThat(whole.at("/data/siren").asText()).isEqualTo("off");
        assertThat(api.database.column("select actor || ' ' || subject from ops.audit where action = 'command'"))
                .containsExactly("duty gateway-1");
    }

    @Test
    void aCommandWaitsForAGatewayThatIsAwayAndIsGivenUpAfterItsDeadline() throws Exception {
        Browser admin = api.admin();
        String inTime = admin.post(GATEWAY + "/commands", "{\"kind\":\"SELF_TEST\",\"deadlineSeconds\":600}")
                .body()
                .get("id")
                .asText();
        String late = admin.post(GATEWAY + "/commands", "{\"kind\":\"RESTART\",\"deadlineSeconds\":5}")
                .body()
                .get("id")
                .asText();
        api.clock.forward(Duration.ofSeconds(30));
        await().atMost(SOON).until(() -> state(admin, late).equals("EXPIRED"));
        assertThat(heard).isEmpty();
        online();
        await().atMost(SOON).until(() -> !heard.isEmpty());
        assertThat(heard).extracting(Command::id).containsOnly(inTime);
        // Nobody answers: it is sent again, and it is the same command.
        api.clock.forward(Duration.ofSeconds(6));
        await().atMost(SOON).until(() -> heard.size() >= 2);
        assertThat(heard).extracting(Command::id).containsOnly(inTime);
    }

    @Test
    void eachRoleSendsWhatIsItsBusinessAndADeviceIsToldThroughItsGateway() throws Exception {
        online();
        assertThat(api.crew()
                        .post(GATEWAY + "/commands", "{\"kind\":\"SILENCE\"}")
                        .code())
                .isEqualTo("role");
        assertThat(api.duty()
                        .post(GATEWAY + "/commands", "{\"kind\":\"RESTART\"}")
                        .code())
                .isEqualTo("role");
        assertThat(api.crew()
                        .post(GATEWAY + "/commands", "{\"kind\":\"DIAGNOSTICS\"}")
                        .status())
                .isEqualTo(200);
        Browser.Answer reset = api.duty().post("/api/v1/devices/hall-3/commands", "{\"kind\":\"RESET\"}");
        assertThat(reset.body().get("gateway").asText()).isEqualTo("gateway-1");
        await().atMost(SOON).until(() -> heard.stream().anyMatch(command -> "hall-3".equals(command.device())));
        assertThat(api.duty().get("/api/v1/devices/hall-3/commands").body().get("commands"))
                .hasSize(1);
        assertThat(api.duty()
                        .post("/api/v1/devices/nobody/commands", "{\"kind\":\"RESET\"}")
                        .status())
                .isEqualTo(404);
        assertThat(api.duty()
                        .post(GATEWAY + "/commands", "{\"kind\":\"RESET\"}")
                        .where())
                .isEqualTo("/kind");
        assertThat(api.duty()
                        .post(GATEWAY + "/commands", "{\"kind\":\"SILENCE\",\"arguments\":{\"minutes\":\"soon\"}}")
                        .where())
                .isEqualTo("/arguments");
    }

    @Test
    void aGatewayAnswersForItsOwnCommandsOnlyAndRubbishIsRefused() throws Exception {
        online();
        Browser admin = api.admin();
        String id = admin.post(GATEWAY + "/commands", "{\"kind\":\"SELF_TEST\"}")
                .body()
                .get("id")
                .asText();
        CommandReply forged =
                new CommandReply(id, Result.DONE, null, Map.of(), api.clock.instant(), api.clock.instant());
        api.broker.publish(Topics.up(0, "gateway-2", Lane.REPLY), DesiredJson.write(forged));
        api.broker.publish(Topics.up(0, "gateway-1", Lane.REPLY), new byte[] {'{'});
        reply(id, Result.FAILED, new LocalText("no", "否"), Map.of());
        await().atMost(SOON).until(() -> state(admin, id).equals("FAILED"));
        assertThat(admin.get("/metrics").response().body()).contains("tocsin_commands_replies_refused_total 1.0");
    }

    @Test
    void settingsBecomeARetainedVersionAndWhatTheGatewayRunsAndRefusesIsShown() throws Exception {
        Browser admin = api.admin();
        String text = "log-level: debug\\noutputs: [{name: siren, mqtt: {topic: outputs/g/siren}}]";
        Browser.Answer put = admin.send("PUT", GATEWAY + "/settings", "{\"text\":\"" + text + "\"}");
        assertThat(put.status()).as("%s", put.body()).isEqualTo(200);
        long version = put.body().get("version").asLong();
        await().atMost(SOON).until(() -> !settings.isEmpty());
        assertThat(settings.get(0).version()).isEqualTo(version);
        assertThat(settings.get(0).text()).contains("siren");

        online(
                new GatewayStatus.Running(version - 1, Map.of("p", 2), Map.of("store", 1_000_000), List.of()),
                List.of(new GatewayStatus.Refused(
                        Topics.stateOfSettings("gateway-1"), version, "no such topic", api.clock.instant())));
        await().atMost(SOON).until(() -> gateway("refused").size() == 1);
        assertThat(gateway("settingsVersion").asLong()).isEqualTo(version);
        assertThat(gateway("runningSettingsVersion").asLong()).isEqualTo(version - 1);
        assertThat(gateway("runningRuleSets").get("store").asInt()).isEqualTo(1_000_000);
        assertThat(gateway("refused").get(0).get("reason").asText()).isEqualTo("no such topic");

        Browser.Answer wrong = admin.send(
                "PUT", GATEWAY + "/settings", "{\"text\":\"outputs: [{name: x, program: {path: /bin/sh}}]\"}");
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.body().at("/error/errors").toString()).contains("/outputs/0/program");
        assertThat(api.duty().get(GATEWAY + "/settings").body().get("version").asLong())
                .isEqualTo(version);
        assertThat(api.database.column("select detail from ops.audit where action = 'gateway_settings_put'"))
                .containsExactly("version " + version);
    }

    /** The gateway's side. */
    private void heard(String topic, MqttMessage message) {
        if (Topics.isSettingsState(topic)) {
            settings.add(SettingsState.read(message.getPayload()));
        } else {
            expiries.add(message.getProperties().getMessageExpiryInterval());
            heard.add(Command.read(message.getPayload()));
        }
    }
}
