package dev.tocsin.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.site.RuleSet;
import dev.tocsin.profiles.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rule sets, from an administrator's text to what is retained and to what a device's page shows. */
class RulesTest {
    private static final String PATH = "/api/v1/rules/store";

    private final Map<String, String> retained = new ConcurrentHashMap<>();
    private RunningApi api;
    private Browser admin;

    @BeforeEach
    void start() throws Exception {
        api = new RunningApi();
        admin = api.admin();
        assertThat(admin.send(
                                "PUT",
                                "/api/v1/devices/freezer",
                                "{\"gateway\":\"gateway-1\",\"profile\":\"senml-room\",\"name\":\"Freezer\"}")
                        .status())
                .isEqualTo(200);
    }

    @AfterEach
    void stop() throws Exception {
        api.close();
    }

    static String ruleSet(String id, int version, double limit) {
        return "{\"id\":\"" + id + "\",\"version\":" + version
                + ",\"changes\":[{\"rule\":\"senml-room/heat\",\"when\":{\"above\":" + limit + "}}]}";
    }

    private Browser.Answer put(int version, double limit) throws Exception {
        return admin.send("PUT", PATH, ruleSet("store", version, limit));
    }

    private JsonNode heat() throws Exception {
        for (JsonNode rule : admin.get("/api/v1/devices/freezer").body().get("rules")) {
            if (rule.get("id").asText().equals("senml-room/heat")) {
                return rule;
            }
        }
        throw new AssertionError("no rule senml-room/heat");
    }

    /** What stands at the broker now. */
    private RuleSet retainedSet() throws Exception {
        MqttAsyncClient client =
                new MqttAsyncClient(api.broker.url(), "w" + System.nanoTime(), new MemoryPersistence());
        client.setCallback((SilentCallback)
                (topic, message) -> retained.put(topic, new String(message.getPayload(), StandardCharsets.UTF_8)));
        client.connect().waitForCompletion();
        try {
            client.subscribe(new MqttSubscription(Topics.stateOfRules("+"), 1)).waitForCompletion();
            await().until(() -> retained.containsKey(Topics.stateOfRules("store")));
            return RuleSet.parse(retained.remove(Topics.stateOfRules("store")), "retained");
        } finally {
            client.disconnectForcibly(0, 500, false);
            client.close(true);
        }
    }

    private void awaitRetained(int version) {
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(() -> assertThat(retainedSet().version()).isEqualTo(version));
    }

    @Test
    void aRuleSetIsPublishedShownOnTheDeviceAndKeptWithWhoAndWhenAndItsEndIsAVersionToo() throws Exception {
        Browser.Answer answer = put(1_000_000, 40);
        assertThat(answer.status()).as("%s", answer.body()).isEqualTo(200);
        assertThat(answer.body().get("inForce").asBoolean()).isTrue();
        assertThat(answer.body().get("by").asText()).isEqualTo("admin");
        awaitRetained(1_000_000);
        assertThat(heat().get("limit").asDouble()).isEqualTo(40);
        assertThat(heat().get("ruleSet").asText()).isEqualTo("store");

        assertThat(put(1_000_001, 45).status()).isEqualTo(200);
        awaitRetained(1_000_001);
        assertThat(heat().get("limit").asDouble()).isEqualTo(45);
        JsonNode list = api.crew().get("/api/v1/rules").body();
        assertThat(list.get("nextVersion").asInt()).isEqualTo(1_000_002);
        assertThat(list.at("/ruleSets/0/version").asInt()).isEqualTo(1_000_001);
        JsonNode limits = admin.get("/api/v1/devices/freezer/readings?metric=temperature")
                .body()
                .get("limits");
        assertThat(limits.findValuesAsText("limit")).contains("45.0");

        assertThat(admin.send("DELETE", PATH, null).status()).isEqualTo(204);
        awaitRetained(1_000_002);
        assertThat(retainedSet().isEmpty()).isTrue();
        assertThat(heat().get("limit").asDouble()).isEqualTo(57);
        assertThat(heat().has("ruleSet")).isFalse();
        assertThat(admin.send("DELETE", PATH, null).code()).isEqualTo("not_found");
        assertThat(admin.get("/api/v1/rules").body().get("ruleSets")).isEmpty();

        JsonNode detail = admin.get(PATH).body();
        assertThat(detail.at("/ruleSet/inForce").asBoolean()).isFalse();
        assertThat(detail.get("history").findValuesAsText("version")).containsExactly("1000002", "1000001", "1000000");
        assertThat(admin.get(PATH + "?version=1000000").body().get("text").asText())
                .isEqualTo(ruleSet("store", 1_000_000, 40));
        assertThat(admin.get(PATH + "?version=1000009").status()).isEqualTo(404);
        assertThat(api.database.column("select action || ' ' || actor || ' ' || subject || ' ' || detail from ops.audit"
                        + " where action like 'rules%' order by id"))
                .containsExactly(
                        "rules_put admin store version 1000000",
                        "rules_put admin store version 1000001",
                        "rules_delete admin store version 1000002");
    }

    @Test
    void aRuleSetMayBeYamlAndItsOwnRulesGiveTheirNameToAlertsAndTellWhenADeviceIsSilent() throws Exception {
        String yaml = """
                id: store
                version: 1000000
                scope: {devices: [freezer]}
                changes:
                  - rule: senml-room/silence
                    on-delay: 5m
                add:
                  - id: too-warm
                    metric: temperature
                    unit: Cel
                    when: {above: -15}
                    on-delay: 10m
                    kind: supervisory
                    severity: major
                    name: {en: Freezer too warm, zh: 冷库温度过高}
                """;
        Browser.Answer answer = admin.sendText("PUT", PATH, yaml);
        assertThat(answer.status()).as("%s", answer.body()).isEqualTo(200);
        assertThat(admin.get(PATH).body().get("text").asText()).isEqualTo(yaml);
        JsonNode device = admin.get("/api/v1/devices/freezer").body();
        assertThat(device.get("rules").findValuesAsText("id")).contains("store/too-warm");
        assertThat(device.at("/silence/afterMs").asLong()).isEqualTo(300_000);
        assertThat(device.at("/silence/ruleSet").asText()).isEqualTo("store");

        Alert alert = api.newAlert("store/too-warm", "freezer");
        api.publish(alert);
        await().untilAsserted(() -> assertThat(admin.get("/api/v1/alerts/" + alert.id())
                        .body()
                        .at("/alert/name/en")
                        .asText())
                .isEqualTo("Freezer too warm"));
    }

    @Test
    void everythingThatIsWrongIsNamedAndTheFormerStays() throws Exception {
        assertThat(put(1_000_000, 40).status()).isEqualTo(200);
        Browser.Answer unreadable = admin.sendText(
                "PUT", PATH, "id: store\nversion: 1\nchanges: [{rule: nowhere, when: {above: warm}}]\nsurprise: 1");
        assertThat(unreadable.status()).isEqualTo(400);
        assertThat(errors(unreadable))
                .anyMatch(error -> error.startsWith("/version: "))
                .anyMatch(error -> error.startsWith("/changes/0/rule: "))
                .anyMatch(error -> error.startsWith("/changes/0/when/above: "))
                .anyMatch(error -> error.startsWith("/surprise: "));
        assertThat(unreadable.body().at("/error/messageZh").asText()).contains("规则集未被采用", "/changes/0/rule");

        Browser.Answer unfitting = admin.sendText("PUT", PATH, """
                id: store
                version: 1000001
                scope: {devices: [frezer], areas: [moon], profiles: [none]}
                changes:
                  - {rule: senml-room/heat, enabled: false}
                  - {rule: senml-room/cold, enabled: false}
                """);
        assertThat(unfitting.status()).isEqualTo(400);
        assertThat(errors(unfitting))
                .anyMatch(error -> error.startsWith("/changes/0/enabled: senml-room/heat is a life-safety alarm"))
                .contains(
                        "/changes/1/rule: there is no rule 'senml-room/cold'",
                        "/scope/devices: there is no device 'frezer'",
                        "/scope/areas: there is no area 'moon'",
                        "/scope/profiles: there is no profile 'none'");
        assertThat(unfitting.where()).isEqualTo("/changes/0/enabled");

        assertThat(errors(admin.send("PUT", PATH, ruleSet("other", 1_000_001, 40))))
                .containsExactly("/id: 'other' is not 'store', which the address names");
        assertThat(errors(admin.send("PUT", PATH, "{\"id\":\"store\",\"version\":1000001}")))
                .singleElement()
                .asString()
                .contains("DELETE ends a rule set");
        assertThat(errors(put(2_100_000_000, 40))).singleElement().asString().contains("far beyond the next one");
        assertThat(heat().get("limit").asDouble()).isEqualTo(40);
        assertThat(admin.get("/api/v1/rules").body().get("nextVersion").asInt()).isEqualTo(1_000_001);
    }

    @Test
    void aVersionThatIsNotHigherThanAllThatWereGivenIsRefusedAndTheSameAgainIsNot() throws Exception {
        assertThat(put(1_000_005, 40).status()).isEqualTo(200);
        assertThat(put(1_000_005, 40).status()).as("the answer got lost").isEqualTo(200);
        assertThat(put(1_000_005, 41).code()).isEqualTo("version_not_higher");
        Browser.Answer other = admin.send("PUT", "/api/v1/rules/other", ruleSet("other", 1_000_003, 40));
        assertThat(other.status()).isEqualTo(409);
        assertThat(other.body().at("/error/message").asText()).contains("the next is 1000006");
        assertThat(admin.get(PATH).body().get("history")).hasSize(1);
    }

    @Test
    void aBrokerThatLostTheRuleSetsIsGivenThemAtTheNextConnection() throws Exception {
        assertThat(put(1_000_000, 40).status()).isEqualTo(200);
        awaitRetained(1_000_000);
        api.broker.publish(Topics.stateOfRules("store"), new byte[0], true);
        // Takes the session over, which ends the API's connection.
        MqttAsyncClient other = new MqttAsyncClient(api.broker.url(), "tocsin-api-registry", new MemoryPersistence());
        other.connect().waitForCompletion();
        other.disconnectForcibly(0, 500, false);
        other.close(true);
        awaitRetained(1_000_000);
    }

    @Test
    void ruleSetsOutliveARestartAndAreGivenToTheBrokerAgain() throws Exception {
        assertThat(put(1_000_000, 40).status()).isEqualTo(200);
        awaitRetained(1_000_000);
        api.stop();
        api.broker.publish(Topics.stateOfRules("store"), new byte[0], true);

        api = new RunningApi(api.broker, api.database, api.data).start();
        awaitRetained(1_000_000);
        await().atMost(Duration.ofSeconds(20))
                .until(() ->
                        api.browser().tryLogin("admin", RunningApi.PASSWORD).status() == 200);
        admin = api.admin();
        assertThat(heat().get("limit").asDouble()).isEqualTo(40);
    }

    private static List<String> errors(Browser.Answer answer) {
        List<String> errors = new ArrayList<>();
        answer.body().at("/error/errors").forEach(error -> errors.add(error.asText()));
        return errors;
    }
}
