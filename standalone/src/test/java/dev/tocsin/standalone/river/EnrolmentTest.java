package dev.tocsin.standalone.river;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tocsin.standalone.field.FieldPublisher;
import dev.tocsin.standalone.officer.Api;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.eclipse.californium.core.CoapClient;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.config.Configuration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A second gateway, from an administrator's token to its readings, and out again. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class EnrolmentTest {
    private static final Duration SOON = Duration.ofMinutes(2);
    /** What is promised of a revocation. */
    private static final Duration REVOKED_WITHIN = Duration.ofSeconds(60);

    private static final String GATEWAY = "gw-2";
    private static final byte[] PACK =
            "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":21.5}]".getBytes(StandardCharsets.UTF_8);

    private Path data;
    private Site site;
    private Api admin;

    @BeforeAll
    void startTheRiver(@TempDir Path folder) throws Exception {
        data = folder;
        site = Site.start(data);
        admin = site.api().login("admin", Site.PASSWORD);
        Map<String, ?> gateway =
                Map.of("name", "School", "place", Map.of("area", "town", "name", "Cellar"), "enrolment", "CLOSED");
        assertThat(admin.change("PUT", "/api/v1/gateways/" + GATEWAY, gateway).status())
                .isEqualTo(200);
    }

    @AfterAll
    void stopTheRiver() {
        site.close();
    }

    private String command() throws Exception {
        Api.Answer token = admin.change("POST", "/api/v1/gateways/" + GATEWAY + "/enrolment-token", null);
        assertThat(token.status()).as("%s", token.body()).isEqualTo(200);
        return token.body().get("command").asText();
    }

    private JsonNode listed(String path, String list, String key) throws Exception {
        for (JsonNode one : admin.get(path).body().get(list)) {
            if (one.get(key).asText().equals(GATEWAY)) {
                return one;
            }
        }
        throw new AssertionError(GATEWAY + " is not listed");
    }

    private boolean isOnline() throws Exception {
        JsonNode gateway = listed("/api/v1/gateways", "gateways", "id");
        return gateway.get("presence").asText().equals("online") && gateway.has("lastPulseAt");
    }

    private String state() throws Exception {
        return listed("/api/v1/identities", "identities", "gateway")
                .get("state")
                .asText();
    }

    @Test
    void whatTheAdministratorIsShownMakesAGatewayAndARevocationUnmakesIt() throws Exception {
        try (RemoteGateway gateway = new RemoteGateway(data.resolve("box"), command())) {
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(isOnline())
                            .as("its pulse came by TLS through the alarm job: %s", gateway.log())
                            .isTrue());
            assertThat(state()).isEqualTo("enrolled");
            assertThat(gateway.health()).contains("CN=gw-2 until").contains("\"uplink\":\"ok\"");
            assertThat(gateway.metrics()).contains("tocsin_agent_identity_certificates_total{how=\"enrolled\"} 1.0");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(gateway.identity())))
                    .isEqualTo("rw-------");
            assertThat(gateway.log())
                    .doesNotContain(
                            Files.readString(data.resolve("box/enrol.token")).strip());

            itsDevicesAreKnownOrListedAsUnknown(gateway);

            assertThat(admin.change("POST", "/api/v1/gateways/" + GATEWAY + "/revoke", null)
                            .status())
                    .isEqualTo(200);
            long revokedAtNanos = System.nanoTime();
            await().atMost(REVOKED_WITHIN).until(() -> !gateway.health().contains("\"uplink\":\"ok\""));
            System.out.printf("cut off %.1f s after the revocation%n", (System.nanoTime() - revokedAtNanos) / 1e9);
            await().atMost(SOON)
                    .until(() -> listed("/api/v1/gateways", "gateways", "id")
                            .get("presence")
                            .asText()
                            .equals("offline"));
            assertThat(state()).isEqualTo("revoked");
            await().atMost(SOON)
                    .until(() -> Files.readString(data.resolve("platform/logs/broker.log"))
                            .contains("the certificate is revoked"));
            assertThat(gateway.health()).as("it tries in vain").doesNotContain("\"uplink\":\"ok\"");
        }
        try (RemoteGateway successor = new RemoteGateway(data.resolve("successor"), command())) {
            await().atMost(SOON).until(() -> successor.health().contains("\"uplink\":\"ok\""));
            assertThat(state()).isEqualTo("enrolled");
        }
    }

    private void itsDevicesAreKnownOrListedAsUnknown(RemoteGateway gateway) throws Exception {
        measured(gateway, "stranger");
        await().atMost(SOON).until(() -> seen("stranger").equals("false"));
        await().atMost(SOON)
                .until(() -> admin.get("/api/v1/rejected").body().toString().contains("stranger"));

        register("stranger", GATEWAY);
        await().atMost(SOON).until(() -> {
            measured(gateway, "stranger");
            return !admin.get("/api/v1/devices/stranger")
                    .body()
                    .get("lastValues")
                    .isEmpty();
        });
        assertThat(seen("stranger")).isEqualTo("true");
    }

    /** Whether it is enrolled, of a device that was seen; empty for none. */
    private String seen(String device) throws Exception {
        for (JsonNode one : admin.get("/api/v1/seen").body().get("seen")) {
            if (one.get("device").asText().equals(device)
                    && one.get("gateway").asText().equals(GATEWAY)) {
                return one.get("enrolled").asText();
            }
        }
        return "";
    }

    private static void measured(RemoteGateway gateway, String device) throws Exception {
        CoapConfig.register();
        CoapEndpoint endpoint = CoapEndpoint.builder()
                .setConfiguration(Configuration.createStandardWithoutFile())
                .build();
        CoapClient coap = new CoapClient("coap://127.0.0.1:" + gateway.coapPort() + "/sensors/" + device);
        coap.setEndpoint(endpoint);
        try {
            assertThat(coap.post(new String(PACK, StandardCharsets.UTF_8), MediaTypeRegistry.APPLICATION_SENML_JSON))
                    .as("an answer")
                    .isNotNull();
        } finally {
            coap.shutdown();
            endpoint.destroy();
        }
    }

    private void register(String device, String gateway) throws Exception {
        Map<String, ?> entry = Map.of("gateway", gateway, "profile", "senml-room", "name", device);
        assertThat(admin.change("PUT", "/api/v1/devices/" + device, entry).status())
                .isEqualTo(200);
    }

    @Test
    void aDeviceWithItsOwnPasswordIsHeardAndCannotSpeakForAnother() throws Exception {
        register("sd-own", "gw-1");
        register("sd-other", "gw-1");
        String password = admin.change("POST", "/api/v1/devices/sd-own/credential", null)
                .body()
                .get("password")
                .asText();
        String broker = site.platform.brokerUrl();

        try (FieldPublisher device = await().ignoreExceptions()
                .atMost(SOON)
                .until(() -> new FieldPublisher(broker, "sd-own", "sd-own", password, 1), one -> true)) {
            device.publish("sensors/sd-own", PACK, Map.of()).join();
            await().atMost(SOON)
                    .until(() -> !admin.get("/api/v1/devices/sd-own")
                            .body()
                            .get("lastValues")
                            .isEmpty());
            assertThatThrownBy(() ->
                            device.publish("sensors/sd-other", PACK, Map.of()).join())
                    .hasMessageContaining("0x87");
        }
        assertThat(admin.get("/api/v1/devices/sd-other").body().get("lastValues"))
                .isEmpty();
    }
}
