package dev.tocsin.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.JsonObject;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.validation.ResponseValidator;
import io.vertx.openapi.validation.ValidatableResponse;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** Every operation of {@code openapi.yaml} against every kind of caller, and every answer against its schema. */
class ContractTest {
    private static RunningApi api;
    private static JsonNode contract;
    private static Browser nobody;
    private static Map<String, Browser> byRole;

    private record Operation(String method, String path, String id, List<String> roles, boolean body) {}

    @BeforeAll
    static void start() throws Exception {
        api = new RunningApi();
        contract =
                new ObjectMapper(new YAMLFactory()).readTree(ContractTest.class.getResourceAsStream("/openapi.yaml"));
        nobody = api.browser();
        byRole = Map.of("DUTY_OFFICER", api.duty(), "CREW", api.crew(), "ADMINISTRATOR", api.admin());
    }

    @AfterAll
    static void stop() throws Exception {
        api.close();
    }

    @TestFactory
    Stream<DynamicTest> everyOperationLetsInWhomTheContractNamesAndNobodyElse() {
        return operations().stream()
                .map(operation -> DynamicTest.dynamicTest(operation.id(), () -> {
                    if (operation.roles().isEmpty()) {
                        assertThat(call(nobody, operation).status()).isNotIn(401, 403);
                        return;
                    }
                    assertThat(call(nobody, operation).code()).isEqualTo("login_required");
                    for (Map.Entry<String, Browser> caller : byRole.entrySet()) {
                        if (operation.id().equals("logout")) {
                            continue;
                        }
                        Browser.Answer answer = call(caller.getValue(), operation);
                        if (operation.roles().contains(caller.getKey())) {
                            assertThat(answer.code()).as(caller.getKey()).isNotIn("role", "login_required", "csrf");
                        } else {
                            assertThat(answer.status()).as(caller.getKey()).isEqualTo(403);
                            assertThat(answer.code()).isEqualTo("role");
                            assertThat(answer.body().at("/error/messageZh").asText())
                                    .isNotBlank();
                        }
                    }
                }));
    }

    /** The router takes more spellings of a path for an operation than the contract writes; the gate must stand in all. */
    @TestFactory
    Stream<DynamicTest> noSpellingOfAPathGoesAroundTheGate() {
        return operations().stream()
                .filter(operation -> !operation.roles().isEmpty())
                .flatMap(operation -> spellings(operation.path()).stream()
                        .map(path -> DynamicTest.dynamicTest(operation.method() + " " + path, () -> {
                            Operation spelled = new Operation(
                                    operation.method(), path, operation.id(), operation.roles(), operation.body());
                            assertThat(call(nobody, spelled).status()).isIn(401, 404);
                            for (Map.Entry<String, Browser> caller : byRole.entrySet()) {
                                if (!operation.roles().contains(caller.getKey())) {
                                    assertThat(call(caller.getValue(), spelled).status())
                                            .isIn(403, 404);
                                }
                            }
                            if (!operation.method().equals("GET")) {
                                refusesForgeries(spelled);
                            }
                        })));
    }

    private static void refusesForgeries(Operation operation) throws Exception {
        Browser known = byRole.get(operation.roles().get(0));
        Browser forged = new Browser(known.base);
        forged.cookie = known.cookie;
        assertThat(call(forged, operation).status()).isIn(403, 404);
        forged.csrf = known.csrf;
        assertThat(forged.send(
                                operation.method(),
                                operation.path(),
                                operation.body() ? "{}" : null,
                                "Origin",
                                "http://evil.example")
                        .status())
                .isIn(403, 404);
    }

    @Test
    void noSpellingOfTheLiveStreamLetsAStrangerIn() {
        for (String path : spellings("/api/v1/live")) {
            assertThatThrownBy(() -> nobody.live(path, "", nobody.base))
                    .as(path)
                    .hasMessageContaining("WebSocketHandshakeException");
            assertThatThrownBy(() -> byRole.get("CREW").live(path, "", "http://evil.example"))
                    .as(path)
                    .hasMessageContaining("WebSocketHandshakeException");
        }
    }

    private static List<String> spellings(String path) {
        int last = path.lastIndexOf('/') + 1;
        String escaped = "%%%02x".formatted((int) path.charAt(last));
        return List.of(
                path + "/",
                path.substring(0, last) + escaped + path.substring(last + 1),
                "/%61pi" + path.substring(4),
                "/" + path,
                path.replaceFirst("/v1/", "//v1/"),
                path.replaceFirst("/api/", "/api/./"),
                path.replaceFirst("/api/", "/x/../api/"),
                path + "?x=1",
                path + "/?");
    }

    @TestFactory
    Stream<DynamicTest> everyAnswerFitsItsSchema() throws Exception {
        Alert alert = api.newAlert("hall-3");
        api.archive(alert);
        api.publish(alert);
        Instant now = api.clock.instant();
        api.database.execute("insert into sensing.series (gateway, device, metric, profile) values"
                + " ('gateway-1', 'hall-3', 'temperature', 'x') on conflict do nothing");
        api.database.execute(
                "insert into sensing.last_value select id, ?, ?, 21.5, 0 from sensing.series on conflict do nothing",
                now.atOffset(ZoneOffset.UTC),
                now.atOffset(ZoneOffset.UTC));
        for (int i = 0; i < 40; i++) {
            api.database.execute(
                    "insert into sensing.reading select ?, ?, ?, id, 0, false from sensing.series where device = 'hall-3'",
                    now.minusSeconds(i).atOffset(ZoneOffset.UTC),
                    now.atOffset(ZoneOffset.UTC),
                    (double) i);
        }
        api.database.execute(
                "insert into sensing.rejected values ('r1', 'gateway-1', 'mqtt:x', null, 'MALFORMED', 'd', ?, ?)",
                new byte[] {1, 2},
                now.atOffset(ZoneOffset.UTC));
        Browser admin = byRole.get("ADMINISTRATOR");
        AgentBundlesTest.upload(admin, "1.0.0", AgentBundlesTest.bundle(api.data, "1.0.0", 1));
        admin.send("PUT", "/api/v1/gateways/gateway-1/agent", "{\"version\":\"1.0.0\"}");
        await().until(() -> admin.get("/api/v1/alerts/" + alert.id()).status() == 200);
        Vertx vertx = Vertx.vertx();
        JsonObject json = new JsonObject(contract.toString());
        ResponseValidator validator = ResponseValidator.create(
                vertx, OpenAPIContract.from(vertx, json).await(20, TimeUnit.SECONDS));
        Map<String, String> calls = new LinkedHashMap<>();
        calls.put("me", "/api/v1/me");
        calls.put("listUsers", "/api/v1/users");
        calls.put("listAlerts", "/api/v1/alerts?state=all");
        calls.put("getAlert", "/api/v1/alerts/" + alert.id());
        calls.put("getRiver", "/api/v1/river");
        calls.put("listAreas", "/api/v1/areas");
        calls.put("listGateways", "/api/v1/gateways");
        calls.put("listIdentities", "/api/v1/identities");
        calls.put("listDeviceCredentials", "/api/v1/device-credentials");
        calls.put("listDevices", "/api/v1/devices?area=old-town&q=hall");
        calls.put("getDevice", "/api/v1/devices/hall-3");
        calls.put("getReadings", "/api/v1/devices/hall-3/readings?metric=temperature&points=10");
        calls.put("getQuality", "/api/v1/devices/hall-3/quality?zone=Asia/Shanghai");
        calls.put("listSeen", "/api/v1/seen");
        calls.put("listProfiles", "/api/v1/profiles");
        assertThat(admin.send("PUT", "/api/v1/rules/contract", RulesTest.ruleSet("contract", 1_000_000, 40))
                        .status())
                .isEqualTo(200);
        calls.put("listRuleSets", "/api/v1/rules");
        calls.put("getRuleSet", "/api/v1/rules/contract?version=1000000");
        calls.put("listAgentBundles", "/api/v1/agent-bundles");
        calls.put("listAgentUpdates", "/api/v1/agent-updates");
        calls.put("listRejected", "/api/v1/rejected");
        calls.put("health", "/health");
        return calls.entrySet().stream()
                .map(one -> DynamicTest.dynamicTest(one.getKey(), () -> {
                    Browser.Answer answer = admin.get(one.getValue());
                    assertThat(answer.status()).isEqualTo(200);
                    validator
                            .validate(
                                    ValidatableResponse.create(
                                            200,
                                            Map.of(),
                                            Buffer.buffer(answer.response().body()),
                                            "application/json"),
                                    one.getKey())
                            .await(10, TimeUnit.SECONDS);
                }));
    }

    @Test
    void readingsAreDownSampledAndKeepTheirExtremes() throws Exception {
        Browser duty = byRole.get("DUTY_OFFICER");
        api.database.execute("insert into sensing.series (gateway, device, metric, profile) values"
                + " ('gateway-1', 'deep', 'temperature', 'x')");
        Instant begin = Instant.parse("2026-01-01T00:00:00Z");
        for (int i = 0; i < 100; i++) {
            api.database.execute(
                    "insert into sensing.reading select ?, ?, ?, id, 0, false from sensing.series where device = 'deep'",
                    begin.plusSeconds(i).atOffset(ZoneOffset.UTC),
                    begin.atOffset(ZoneOffset.UTC),
                    (double) i);
        }

        JsonNode points = duty.get("/api/v1/devices/deep/readings?metric=temperature&points=10"
                        + "&from=2026-01-01T00:00:00Z&to=2026-01-01T01:00:00Z")
                .body()
                .get("points");

        assertThat(points).hasSize(10);
        assertThat(points.get(0).get("min").asDouble()).isZero();
        assertThat(points.get(9).get("max").asDouble()).isEqualTo(99);
        assertThat(points.get(0).get("n").asInt()).isEqualTo(10);
    }

    @Test
    void qualityIsToldByDayAndWhatIsNotKnownIsAbsent() throws Exception {
        Browser duty = byRole.get("DUTY_OFFICER");
        api.database.execute("insert into sensing.series (gateway, device, metric, profile) values"
                + " ('gateway-1', 'graded', 'temperature', 'x')");
        for (int quality : new int[] {0, 0, 0, 11}) {
            api.database.execute(
                    "insert into sensing.reading select '2026-01-01T20:00:00Z', '2026-01-01T20:00:02.5Z', 1, id, ?, false"
                            + " from sensing.series where device = 'graded'",
                    (short) quality);
        }

        JsonNode days = duty.get("/api/v1/devices/graded/quality?from=2026-01-01&to=2026-01-02&zone=Asia/Shanghai")
                .body()
                .get("days");

        assertThat(days).hasSize(2);
        assertThat(days.get(0).toString())
                .isEqualTo("{\"day\":\"2026-01-01\",\"received\":0,\"readings\":0,\"qualities\":{}}");
        assertThat(days.get(1).toString())
                .isEqualTo("{\"day\":\"2026-01-02\",\"received\":4,\"expected\":8,\"completeness\":0.5,"
                        + "\"readings\":4,\"qualities\":{\"GOOD\":3,\"STUCK\":1},\"validity\":0.75,"
                        + "\"latency\":{\"p50\":2.5,\"p90\":2.5,\"p99\":2.5,\"soonest\":2.5,\"latest\":2.5}}");
        assertThat(duty.get("/api/v1/devices/graded/quality").body().get("days"))
                .hasSize(7);
    }

    @Test
    void daysThatMakeNoSenseAreRefused() throws Exception {
        Browser duty = byRole.get("DUTY_OFFICER");
        String quality = "/api/v1/devices/hall-3/quality?";
        assertThat(duty.get(quality + "from=2026-01-02&to=2026-01-01").where()).isEqualTo("from");
        assertThat(duty.get(quality + "from=2026-01-01&to=2026-04-03").where()).isEqualTo("from");
        assertThat(duty.get(quality + "from=2026-01-01&to=2026-04-02").status()).isEqualTo(200);
        assertThat(duty.get(quality + "to=2026-02-30").where()).isEqualTo("to");
        assertThat(duty.get(quality + "to=today").where()).isEqualTo("to");
        assertThat(duty.get(quality + "zone=Middle/Earth").where()).isEqualTo("zone");
        // Java knows it and the store does not.
        assertThat(duty.get(quality + "zone=Antarctica/Troll").where()).isEqualTo("zone");
    }

    @Test
    void whatDoesNotFitTheContractIsRefusedNamingWhere() throws Exception {
        Browser duty = byRole.get("DUTY_OFFICER");
        assertThat(duty.get("/api/v1/alerts?limit=0").where()).isEqualTo("limit");
        assertThat(duty.get("/api/v1/alerts?state=maybe").where()).isEqualTo("state");
        assertThat(duty.get("/api/v1/alerts?since=yesterday").where()).isEqualTo("since");
        assertThat(duty.get("/api/v1/devices/hall-3/readings").where()).isEqualTo("metric");
        assertThat(duty.get("/api/v1/alerts/a%20b").where()).isEqualTo("id");
        Browser.Answer wrong = duty.post("/api/v1/alerts/x/acknowledge", "{\"revision\":\"seven\"}");
        assertThat(wrong.status()).isEqualTo(400);
        assertThat(wrong.where()).isEqualTo("/revision");
        assertThat(duty.post("/api/v1/alerts/x/acknowledge", "{not json").code())
                .isEqualTo("invalid_request");
        assertThat(duty.post("/api/v1/alerts/x/acknowledge", "{\"revision\":1,\"x\":\"" + "y".repeat(70_000) + "\"}")
                        .code())
                .isEqualTo("too_large");
        assertThat(duty.get("/api/v1/nothing").code()).isEqualTo("not_found");
        assertThat(duty.send("DELETE", "/api/v1/alerts", null).status()).isIn(404, 405);
    }

    @Test
    void theContractTheMetricsAndStrictHeadersAreServed() throws Exception {
        assertThat(nobody.get("/openapi.yaml").response().body()).contains("openapi: 3.1.0");
        assertThat(nobody.get("/metrics").response().body()).contains("tocsin_alerts_open");
        Browser.Answer console = nobody.get("/alerts/some-id");
        assertThat(console.status()).isIn(200, 404);
        assertThat(console.response()
                        .headers()
                        .firstValue("content-security-policy")
                        .orElseThrow())
                .contains("script-src 'self'");
        assertThat(nobody.get("/../../etc/passwd").status()).isIn(200, 404);
    }

    @Test
    void clearedAlertsNeedTheStateToBeNamed() throws Exception {
        Alert cleared = api.alert("cleared-one", 9, AlertState.CLEARED, "hall-9");
        api.publish(cleared);
        Browser duty = byRole.get("DUTY_OFFICER");
        await().until(() -> duty.get("/api/v1/alerts/cleared-one").status() == 200);

        assertThat(duty.get("/api/v1/alerts?device=hall-9").body().get("alerts"))
                .isEmpty();
    }

    private static List<Operation> operations() {
        List<Operation> operations = new ArrayList<>();
        contract.get("paths")
                .fields()
                .forEachRemaining(path -> path.getValue().fields().forEachRemaining(method -> {
                    JsonNode operation = method.getValue();
                    List<String> roles = new ArrayList<>();
                    operation.path("x-roles").forEach(role -> roles.add(role.asText()));
                    operations.add(new Operation(
                            method.getKey().toUpperCase(java.util.Locale.ROOT),
                            path.getKey().replaceAll("\\{[a-z]+}", "matrix"),
                            operation.get("operationId").asText(),
                            roles,
                            operation.has("requestBody")));
                }));
        return operations;
    }

    private static Browser.Answer call(Browser browser, Operation operation) throws Exception {
        return browser.send(operation.method(), operation.path(), operation.body() ? "{}" : null);
    }
}
