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
import java.util.List;
import java.util.Map;
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

    private Path data;
    private Site site;
    private Api admin;

    @BeforeAll
    void startTheRiver(@TempDir Path folder) throws Exception {
        data = folder;
        site = Site.start(data);
        admin = site.api().login("admin", Site.PASSWORD);
        Map<String, ?> gateway =
                Map.of("name", "School", "place", Map.of("area", "town", "name", "Cellar"), "enrolment", "OPEN");
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

    @Test
    void aDeviceWithItsOwnPasswordIsHeardAndCannotSpeakForAnother() throws Exception {
        for (String device : List.of("sd-own", "sd-other")) {
            assertThat(admin.change(
                                    "PUT",
                                    "/api/v1/devices/" + device,
                                    Map.of("gateway", "gw-1", "profile", "senml-room", "name", device))
                            .status())
                    .isEqualTo(200);
        }
        String password = admin.change("POST", "/api/v1/devices/sd-own/credential", null)
                .body()
                .get("password")
                .asText();
        String broker = site.platform.brokerUrl();
        byte[] pack = "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":21.5}]".getBytes(StandardCharsets.UTF_8);

        try (FieldPublisher device = await().ignoreExceptions()
                .atMost(SOON)
                .until(() -> new FieldPublisher(broker, "sd-own", "sd-own", password, 1), one -> true)) {
            device.publish("sensors/sd-own", pack, Map.of()).join();
            await().atMost(SOON)
                    .until(() -> !admin.get("/api/v1/devices/sd-own")
                            .body()
                            .get("lastValues")
                            .isEmpty());
            assertThatThrownBy(() ->
                            device.publish("sensors/sd-other", pack, Map.of()).join())
                    .hasMessageContaining("0x87");
        }
        assertThat(admin.get("/api/v1/devices/sd-other").body().get("lastValues"))
                .isEmpty();
    }
}
