package dev.tocsin.standalone.river;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tocsin.standalone.broker.access.Role;
import dev.tocsin.standalone.field.FieldPublisher;
import dev.tocsin.standalone.officer.Api;
import dev.tocsin.standalone.officer.LiveClient;
import dev.tocsin.standalone.platform.Child;
import dev.tocsin.standalone.platform.JobPorts;
import dev.tocsin.standalone.platform.Plan;
import dev.tocsin.standalone.platform.Ports;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.CoapClient;
import org.eclipse.californium.core.CoapResponse;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.config.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The way of a reading, from a sensor's message to a duty officer's screen and to a committed row. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RiverTest {
    private static final Duration SOON = Duration.ofSeconds(90);

    private Site site;
    private FieldPublisher field;

    @BeforeAll
    void startTheRiver(@TempDir Path data) throws Exception {
        site = Site.start(data);
        field = site.field("river-test");
    }

    @AfterAll
    void stopTheRiver() {
        field.close();
        site.close();
    }

    @Test
    void aZigbeeSmokeMessageBecomesOneAlertOnTheLiveStreamAndIsAcknowledgedByName() throws Exception {
        Api officer = site.api().login("duty", Site.PASSWORD);
        try (LiveClient live = new LiveClient(officer)) {
            smoke("kitchen", true);
            await().atMost(SOON).until(() -> !live.of("kitchen").isEmpty());
            JsonNode alert = live.of("kitchen").get(0);
            assertThat(alert.get("state").asText()).isEqualTo("ACTIVE");
            assertThat(alert.get("kind").asText()).isEqualTo("ALARM");
            assertThat(alert.get("place").get("areas").get(0).asText()).isEqualTo("district");

            String id = alert.get("id").asText();
            Map<String, Long> revision =
                    Map.of("revision", alert.get("revision").asLong());
            Api crew = site.api().login("crew", Site.PASSWORD);
            assertThat(crew.post("/api/v1/alerts/" + id + "/acknowledge", revision)
                            .status())
                    .isEqualTo(403);
            // Alerts of other tests at the same place confirm it, and who saw less is asked to look again.
            await().atMost(SOON)
                    .until(() -> officer.post(
                                            "/api/v1/alerts/" + id + "/acknowledge",
                                            Map.of(
                                                    "revision",
                                                    live.of("kitchen")
                                                            .get(0)
                                                            .get("revision")
                                                            .asLong()))
                                    .status()
                            == 200);
            await().atMost(SOON).until(() -> live.of("kitchen").get(0).hasNonNull("acknowledged"));
            assertThat(live.of("kitchen").get(0).get("acknowledged").get("by").asText())
                    .isEqualTo("duty");

            smoke("kitchen", false);
            await().atMost(SOON)
                    .until(() -> live.of("kitchen").get(0).get("state").asText().equals("CLEARED"));
            assertThat(live.of("kitchen")).hasSize(1);
        }
    }

    @Test
    void aSenMlPackOverCoapIsAnsweredAfterItsCommitAndBecomesAnAlert() throws Exception {
        Api officer = site.api().login("duty", Site.PASSWORD);
        try (LiveClient live = new LiveClient(officer)) {
            CoapConfig.register();
            CoapEndpoint endpoint = CoapEndpoint.builder()
                    .setConfiguration(Configuration.createStandardWithoutFile())
                    .build();
            CoapClient coap = new CoapClient("coap://127.0.0.1:" + site.ports.coap() + "/sensors/archive-room");
            coap.setEndpoint(endpoint);
            CoapResponse response = coap.post(
                    "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":71.5}]", MediaTypeRegistry.APPLICATION_SENML_JSON);
            assertThat(Objects.requireNonNull(response).getCode().toString()).isEqualTo("2.04");
            await().atMost(SOON).until(() -> !live.of("archive-room").isEmpty());
            coap.shutdown();
            endpoint.destroy();
        }
    }

    @Test
    void aReadingBecomesARowThatTheApiGivesBack() throws Exception {
        field.publish(
                        "sensors/lobby",
                        "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":21.25}]".getBytes(StandardCharsets.UTF_8),
                        Map.of())
                .join();
        Api officer = site.api().login("duty", Site.PASSWORD);
        await().atMost(SOON).untilAsserted(() -> {
            Api.Answer answer = officer.get("/api/v1/devices/lobby/readings?metric=temperature");
            assertThat(answer.status()).isEqualTo(200);
            // The device is known before its first row is committed.
            assertThat(answer.body().get("points")).isNotEmpty();
            assertThat(answer.body().get("points").get(0).get("value").asDouble())
                    .isEqualTo(21.25);
        });

        JsonNode firstDay =
                officer.get("/api/v1/devices/lobby/quality").body().get("days").get(0);
        assertThat(firstDay.get("received").asInt()).isEqualTo(1);
        assertThat(firstDay.get("validity").asDouble()).isEqualTo(1);
        // The message names no time.
        assertThat(firstDay.get("latency").get("latest").asDouble()).isZero();
        // The gateway's own pulse is due every 5 s.
        await().atMost(SOON)
                .until(() -> officer.get("/api/v1/devices/" + Plan.GATEWAY + "/quality")
                        .body()
                        .get("days")
                        .get(0)
                        .hasNonNull("completeness"));
    }

    @Test
    void whatNobodyCanReadIsKeptWithItsReasonAndItsBytes() throws Exception {
        field.publish("sensors/broken", "{ this is no SenML".getBytes(StandardCharsets.UTF_8), Map.of())
                .join();
        try (Connection database = site.database()) {
            await().atMost(SOON).untilAsserted(() -> {
                try (ResultSet rows = database.createStatement()
                        .executeQuery(
                                "select reason, raw from sensing.rejected where source = 'mqtt:sensors/broken'")) {
                    assertThat(rows.next()).isTrue();
                    assertThat(rows.getString(1)).isEqualTo("MALFORMED");
                    assertThat(new String(rows.getBytes(2), StandardCharsets.UTF_8))
                            .isEqualTo("{ this is no SenML");
                }
            });
        }
    }

    @Test
    void thePulseReachesTheConsoleThroughEveryPart() throws Exception {
        try (LiveClient live = new LiveClient(site.api().login("duty", Site.PASSWORD))) {
            await().atMost(SOON).untilAsserted(() -> {
                JsonNode river = Objects.requireNonNull(live.river());
                assertThat(river.get("state").asText()).isEqualTo("ok");
                List<String> parts = river.get("parts").findValuesAsText("state");
                assertThat(parts).isNotEmpty().allMatch("ok"::equals);
            });
        }
    }

    @Test
    void withTheAlarmJobStoppedTheStripNamesItAndAfterItsRestartIsWellAgain() throws Exception {
        try (LiveClient live = new LiveClient(site.api().login("duty", Site.PASSWORD))) {
            await().atMost(SOON)
                    .until(() -> live.river() != null
                            && live.river().get("state").asText().equals("ok"));
            long alarmJob = site.platform.child("alarm-job").pid();
            // Stopped, not killed: a killed one would be back before anybody noticed.
            new ProcessBuilder("kill", "-STOP", Long.toString(alarmJob)).start().waitFor();
            long stopped = System.nanoTime();
            try {
                await().atMost(SOON).until(() -> partState(live, "alarmJob").equals("dead"));
                System.out.printf(
                        "the strip said that the alarm job is dead %.1f s after it was stopped%n",
                        (System.nanoTime() - stopped) / 1e9);
                assertThat(partState(live, "broker")).isEqualTo("ok");
            } finally {
                new ProcessBuilder("kill", "-CONT", Long.toString(alarmJob))
                        .start()
                        .waitFor();
            }
            await().atMost(SOON).until(() -> partState(live, "alarmJob").equals("ok"));
        }
    }

    @Test
    void onlyTheDocumentedPortsListenAndOnlyOnThisMachine() throws Exception {
        Ports ports = site.ports;
        JobPorts.Apart jobs = (JobPorts.Apart) ports.jobs();
        Set<Integer> documented = Set.of(
                ports.mqtt(),
                ports.door().mqtt(),
                ports.door().enrolment(),
                ports.coap(),
                ports.http(),
                ports.agentHttp(),
                jobs.alarmMetrics(),
                jobs.archiveMetrics(),
                jobs.alarmRest(),
                jobs.archiveRest(),
                jobs.alarmBlob(),
                jobs.archiveBlob(),
                ports.postgres());
        List<Listening.Socket> sockets = new ArrayList<>();
        for (Child child : site.platform.children()) {
            sockets.addAll(Listening.of(ProcessHandle.of(child.pid()).orElseThrow()));
        }
        long postmaster = Objects.requireNonNull(site.platform.postgres()).pid();
        sockets.addAll(Listening.of(ProcessHandle.of(postmaster).orElseThrow()));
        assertThat(sockets).allMatch(Listening.Socket::loopback);
        // A UDP socket with a random port is a client's; TCP listens for somebody.
        assertThat(sockets.stream().filter(s -> s.protocol().startsWith("tcp")))
                .extracting(Listening.Socket::port)
                .isSubsetOf(documented)
                .contains(ports.mqtt(), ports.http(), ports.agentHttp(), ports.postgres());
    }

    @Test
    void everyDocumentedMetricIsServedAndEveryOneOfOursIsDocumented() throws Exception {
        JobPorts.Apart jobs = (JobPorts.Apart) site.ports.jobs();
        Map<String, Integer> processes = Map.of(
                "alarm-job", jobs.alarmMetrics(),
                "archive-job", jobs.archiveMetrics(),
                "edge-agent", site.ports.agentHttp(),
                "cloud-api", site.ports.http());
        // Some are there from the first time that they have something to say.
        field.publish("zigbee2mqtt/attic", "no JSON".getBytes(StandardCharsets.UTF_8), Map.of());
        for (Map.Entry<String, Integer> process : processes.entrySet()) {
            Set<String> documented = ServedMetrics.documented(process.getKey());
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(ServedMetrics.of(process.getValue()))
                            .as(process.getKey())
                            .containsAll(documented));
            assertThat(ServedMetrics.of(process.getValue()))
                    .filteredOn(name -> name.startsWith("tocsin_"))
                    .isSubsetOf(documented);
        }
    }

    @Test
    void aSensorCanPublishNeitherAlertsNorAGatewaysUplink() throws Exception {
        String password = site.brokerUser("thermometer-1", Role.SENSOR);
        FieldPublisher sensor = await().ignoreExceptions()
                .atMost(SOON)
                .until(
                        () -> new FieldPublisher(
                                site.platform.brokerUrl(), "thermometer-1", "thermometer-1", password, 1),
                        Objects::nonNull);
        byte[] forged = "{}".getBytes(StandardCharsets.UTF_8);
        assertThat(sensor.publish("sensors/thermometer-1", "[]".getBytes(StandardCharsets.UTF_8), Map.of())
                        .get(10, TimeUnit.SECONDS))
                .isZero();
        for (String topic : List.of("tocsin/v1/alerts/district/town/x", "tocsin/v1/up/0/gw-1/live", "sensors/other")) {
            assertThat(sensor.publish(topic, forged, Map.of()))
                    .as(topic)
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableThat()
                    .withMessageContaining("0x87");
        }
        sensor.close();
    }

    private static String partState(LiveClient live, String part) {
        JsonNode river = live.river();
        if (river != null) {
            for (JsonNode each : river.get("parts")) {
                if (each.get("part").asText().equals(part)) {
                    return each.get("state").asText();
                }
            }
        }
        return "unknown";
    }

    private void smoke(String device, boolean smoke) throws InterruptedException {
        String message = "{\"smoke\":" + smoke + ",\"battery\":97,\"battery_low\":false,\"linkquality\":120}";
        field.publish("zigbee2mqtt/" + device, message.getBytes(StandardCharsets.UTF_8), Map.of())
                .join();
    }
}
