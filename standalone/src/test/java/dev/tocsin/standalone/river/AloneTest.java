package dev.tocsin.standalone.river;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertState;
import dev.tocsin.standalone.broker.BrokerProcess;
import dev.tocsin.standalone.broker.access.Role;
import dev.tocsin.standalone.broker.conformance.BrokerUnderTest;
import dev.tocsin.standalone.field.FieldPublisher;
import dev.tocsin.standalone.officer.Api;
import dev.tocsin.standalone.officer.LiveClient;
import dev.tocsin.standalone.platform.Layout;
import dev.tocsin.standalone.platform.Plan;
import dev.tocsin.standalone.river.FaultyLine.Fault;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/**
 * A gateway whose line to the cloud is bad or gone: its siren sounds, and the cloud learns of everything afterwards. The
 * gateway has a broker of its own in the field, as real ones do. {@code -Dalone.faults} names the faults; with {@code
 * -Dalone.hold=true} the siren must sound within a second.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class AloneTest {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final String FAULTS = System.getProperty("alone.faults", "RESET");
    private static final boolean HOLD = Boolean.getBoolean("alone.hold");
    private static final Duration LIMIT = Duration.ofSeconds(1);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String REGISTRY = """
            areas:
              - {id: district, name: {en: District, zh: 区}}
              - {id: town, parent: district, name: {en: Town, zh: 镇}}
            gateways:
              - {id: gw-1, name: Gateway 1, area: town, enrolment: open, place: {name: Town hall, latitude: 30.57, longitude: 114.3}}
              - {id: gw-2, name: Gateway 2, area: town, enrolment: open, place: {name: Mill, latitude: 30.58, longitude: 114.31}}
            devices: []
            """;

    private Path data;
    private Site site;
    private BrokerProcess fieldBroker;
    private FieldPublisher field;
    private FieldEar siren;
    private FaultyLine line;
    private AlertTopic topic;
    private LiveClient live;
    private Process agent;

    @BeforeAll
    void start(@TempDir Path folder) throws Exception {
        data = folder;
        site = Site.start(folder, Files.writeString(folder.resolve("two.yaml"), REGISTRY));
        topic = site.alerts("alone-alerts");
        live = new LiveClient(site.api().login("duty", Site.PASSWORD));
        line = new FaultyLine(site.ports.mqtt());
        fieldBroker = BrokerProcess.start(Files.createDirectories(folder.resolve("field-broker")));
        BrokerUnderTest sensors = fieldBroker.as("sensors", Role.FIELD);
        BrokerUnderTest horn = fieldBroker.as("horn", Role.FIELD);
        field = await().ignoreExceptions()
                .atMost(SOON)
                .until(
                        () -> new FieldPublisher(sensors.url(), "sensors", sensors.user(), sensors.password(), 10),
                        publisher -> publisher != null);
        siren = await().ignoreExceptions()
                .atMost(SOON)
                .until(
                        () -> new FieldEar(horn.url(), horn.user(), horn.password(), "outputs/gw-2/siren"),
                        ear -> ear != null);
        startAgent();
    }

    private void startAgent() throws Exception {
        Path agentData = Files.createDirectories(data.resolve("gw-2"));
        Files.writeString(agentData.resolve("outputs.yaml"), """
                outputs:
                  - name: siren
                    mqtt: {topic: outputs/gw-2/siren}
                """);
        BrokerUnderTest own = fieldBroker.as("gw-2", Role.GATEWAY);
        site.brokerUser("gw-2", Role.GATEWAY);
        Path home = Layout.fromEnvironment().home().resolve("edge-agent");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "@" + home.resolve("jvm.options"),
                "-cp",
                home.resolve("target/edge-agent.jar") + ":" + home.resolve("target/lib") + "/*",
                "dev.tocsin.agent.EdgeAgent",
                "--gateway=gw-2",
                "--data=" + agentData,
                "--shards=" + Plan.SHARDS,
                "--broker.url=" + line.url(),
                "--broker.user=gw-2",
                "--broker.password-file=" + site.platform.credentials().passwordFile("gw-2"),
                "--field.broker.url=" + own.url(),
                "--field.broker.user=gw-2",
                "--field.broker.password=" + own.password(),
                "--coap.port=0",
                "--http.port=0"));
        agent = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(Path.of("target", "alone-agent.log").toFile())
                .start();
        Api duty = site.api().login("duty", Site.PASSWORD);
        await().atMost(SOON)
                .until(() -> gateway(duty, "gw-2").path("presence").asText().equals("online"));
        // What it does first is not what is measured; until it has subscribed, nobody hears the sensor.
        await().atMost(SOON).until(() -> {
            smoke("warm-up", true);
            return orders("warm-up").equals(List.of("on"));
        });
        smoke("warm-up", false);
        await().atMost(SOON).until(() -> !siren.heard().isEmpty() && newest().equals("off"));
    }

    @AfterAll
    void stop() throws Exception {
        agent.destroyForcibly().onExit().join();
        live.close();
        topic.close();
        siren.close();
        field.close();
        fieldBroker.close();
        line.close();
        site.close();
    }

    private static JsonNode gateway(Api api, String id) throws Exception {
        for (JsonNode gateway : api.get("/api/v1/gateways").body().get("gateways")) {
            if (gateway.get("id").asText().equals(id)) {
                return gateway;
            }
        }
        throw new AssertionError("no gateway " + id);
    }

    private long smoke(String device, boolean smoke) throws Exception {
        long atNanos = System.nanoTime();
        field.publish(
                "zigbee2mqtt/" + device,
                ("{\"smoke\":" + smoke + ",\"battery\":97,\"battery_low\":false}").getBytes(StandardCharsets.UTF_8),
                Map.of());
        return atNanos;
    }

    private String newest() {
        return state(siren.heard().get(siren.heard().size() - 1).text());
    }

    private static String state(String order) {
        try {
            return JSON.readTree(order).get("state").asText();
        } catch (java.io.IOException e) {
            throw new AssertionError(order, e);
        }
    }

    /** What the siren was told on account of a device. */
    private List<String> orders(String device) {
        return siren.heard().stream()
                .map(FieldEar.Heard::text)
                .filter(text -> text.contains("\"device\":\"" + device + "\""))
                .map(AloneTest::state)
                .toList();
    }

    private Duration sirenAfter(long publishedNanos, int before) {
        await().atMost(SOON).until(() -> siren.heard().size() > before);
        return Duration.ofNanos(siren.heard().get(before).atNanos() - publishedNanos);
    }

    @Test
    void theSirenSoundsWhateverTheLineDoesAndTheCloudLearnsOfEverythingAfterwards() throws Exception {
        for (String name : FAULTS.split(",")) {
            Fault fault = Fault.valueOf(name);
            line.suffer(fault);
            String past = "past-" + name;
            String standing = "standing-" + name;
            Duration first = alarm(past);
            smoke(past, false);
            await().atMost(SOON).until(() -> newest().equals("off"));
            Instant onset = Instant.now();
            Duration second = alarm(standing);
            System.out.printf(
                    "%s: the siren was told %d ms and %d ms after the sensor's message%n",
                    fault, first.toMillis(), second.toMillis());
            if (HOLD) {
                assertThat(List.of(first, second)).allMatch(took -> took.compareTo(LIMIT) < 0);
            }
            if (fault.cutsOff()) {
                assertThat(topic.of(past)).isEmpty();
                assertThat(topic.of(standing)).isEmpty();
                await().atMost(Duration.ofMinutes(3))
                        .until(() -> Instant.now()
                                .isAfter(onset.plus(Alert.LATE_AFTER).plusSeconds(5)));
            }
            line.suffer(Fault.NONE);
            await().atMost(SOON).until(() -> !topic.of(standing).isEmpty() && isCleared(past));
            assertThat(topic.of(standing)).allMatch(alert -> alert.state() == AlertState.ACTIVE);
            assertThat(topic.of(standing)).allMatch(alert -> alert.late() == fault.cutsOff());
            await().atMost(SOON).until(() -> !live.of(standing).isEmpty());
            assertThat(live.of(standing).get(0).get("state").asText()).isEqualTo("ACTIVE");
            if (fault.cutsOff()) {
                // Nobody is called for what is over: it was never published but as cleared, and late.
                assertThat(topic.of(past)).allMatch(alert -> alert.state() == AlertState.CLEARED && alert.late());
            }
            assertEveryLocalAlertIsInTheCloud();
            smoke(standing, false);
            await().atMost(SOON).until(() -> isCleared(standing) && newest().equals("off"));
        }
    }

    /** Raises one; returns after what time the siren was told. */
    private Duration alarm(String device) throws Exception {
        int before = siren.heard().size();
        long published = smoke(device, true);
        Duration took = sirenAfter(published, before);
        assertThat(orders(device)).containsExactly("on");
        return took;
    }

    private boolean isCleared(String device) {
        return topic.of(device).stream().anyMatch(alert -> alert.state() == AlertState.CLEARED);
    }

    private void assertEveryLocalAlertIsInTheCloud() throws Exception {
        Api duty = site.api().login("duty", Site.PASSWORD);
        List<String> ids = new ArrayList<>();
        for (String entry : Files.readAllLines(data.resolve("gw-2").resolve("alerts.log"))) {
            JsonNode event = JSON.readTree(entry);
            if (event.get("event").asText().equals("raised")) {
                ids.add(event.get("alert").asText());
            }
        }
        assertThat(ids).isNotEmpty().doesNotHaveDuplicates();
        for (String id : ids) {
            await().atMost(SOON)
                    .untilAsserted(
                            () -> assertThat(duty.get("/api/v1/alerts/" + id).status())
                                    .as(id)
                                    .isEqualTo(200));
        }
        assertThat(topic.publications().stream()
                        .filter(alert -> alert.gateway().equals("gw-2"))
                        // That the gateway was away is for the cloud to say.
                        .filter(alert -> !alert.rule().equals("gateway/presence"))
                        .map(Alert::id))
                .isSubsetOf(ids);
    }
}
