package dev.tocsin.cloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Gateways that are let in, renew themselves, and are put out; and passwords of devices. */
class IdentityTest {
    private RunningApi api;
    private Browser admin;
    private GatewayBox box;

    @BeforeEach
    void start() throws Exception {
        api = new RunningApi();
        admin = api.admin();
        box = box("gateway-2");
    }

    @AfterEach
    void stop() throws Exception {
        api.close();
    }

    private GatewayBox box(String gateway) throws Exception {
        return new GatewayBox(api.gatewayBase(), Files.readString(identities().resolve("ca.pem")), gateway);
    }

    private Path identities() {
        return api.data.resolve("identities");
    }

    private String token(String gateway) throws Exception {
        Browser.Answer answer = admin.post("/api/v1/gateways/" + gateway + "/enrolment-token", null);
        assertThat(answer.status()).isEqualTo(200);
        return answer.body().get("token").asText();
    }

    private JsonNode identity(String gateway) throws Exception {
        for (JsonNode one : admin.get("/api/v1/identities").body().get("identities")) {
            if (one.get("gateway").asText().equals(gateway)) {
                return one;
            }
        }
        throw new AssertionError("no identity of " + gateway);
    }

    private List<String> audited(String gateway) throws Exception {
        return api.database.column("select action || ' ' || actor from ops.audit where subject = '" + gateway
                + "' and action like 'gateway_%' and action <> 'gateway_put' order by id");
    }

    @Test
    void aGatewayEnrolsWithItsTokenAndIsThatGatewayAndNothingElse() throws Exception {
        assertThat(identity("gateway-2").get("state").asText()).isEqualTo("none");
        String token = token("gateway-2");
        assertThat(identity("gateway-2").has("tokenExpiresAt")).isTrue();

        GatewayBox.Answer answer = box.enrol(token);

        assertThat(answer.status()).isEqualTo(200);
        X509Certificate certificate = GatewayBox.certificate(box.certificate);
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=gateway-2");
        assertThat(certificate.getPublicKey()).isEqualTo(box.keys.getPublic());
        assertThat(certificate.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(certificate.getKeyUsage()).startsWith(true, false, false, false, false, false, false);
        assertThat(certificate.getSerialNumber().bitLength()).isGreaterThan(64);
        assertThat(certificate.getNotBefore().toInstant())
                .as("a clock that is late by minutes finds it valid")
                .isBefore(api.clock.instant().minus(Duration.ofMinutes(30)));
        assertThat(certificate.getNotAfter().toInstant())
                .isBetween(
                        api.clock.instant().plus(Duration.ofDays(6)),
                        api.clock.instant().plus(Duration.ofDays(8)));
        X509Certificate authority =
                GatewayBox.certificate(answer.body().get("authorities").asText());
        certificate.verify(authority.getPublicKey());
        assertThat(authority.getBasicConstraints()).as("signs nobody who signs").isZero();
        assertThat(identity("gateway-2").get("state").asText()).isEqualTo("enrolled");
        assertThat(identity("gateway-2").has("tokenExpiresAt")).isFalse();
        assertThat(audited("gateway-2")).containsExactly("gateway_token_made admin", "gateway_enrolled gateway-2");
    }

    @Test
    void whatWasSignedStandsUpToOpenssl() throws Exception {
        Path openssl = Path.of("/usr/bin/openssl");
        assumeTrue(Files.isExecutable(openssl), "openssl is not installed");
        box.enrol(token("gateway-2"));
        Path file = Files.writeString(api.data.resolve("gateway.pem"), box.certificate);
        String authority = identities().resolve("ca.pem").toString();
        String list = identities().resolve("crl.pem").toString();
        List<String> verify = List.of(
                openssl.toString(),
                "verify",
                "-x509_strict",
                "-purpose",
                "sslclient",
                "-CAfile",
                authority,
                "-crl_check",
                "-CRLfile",
                list,
                file.toString());
        await().until(() -> Files.exists(Path.of(list)));

        assertThat(run(verify)).contains(": OK");
        List<String> asServer = new ArrayList<>(verify);
        asServer.set(4, "sslserver");
        assertThat(run(asServer)).contains("unsuitable certificate purpose");

        admin.post("/api/v1/gateways/gateway-2/revoke", null);
        assertThat(run(verify)).contains("certificate revoked");
    }

    private static String run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void aTokenLetsInOneKeyAndTheSameKeyAgainWhenItsAnswerWasLost() throws Exception {
        String token = token("gateway-2");
        assertThat(box.enrol(token).status()).isEqualTo(200);

        assertThat(box.enrol(token).status()).isEqualTo(200);
        assertThat(box("gateway-2").enrol(token).code()).isEqualTo("token_used");
    }

    @Test
    void aTokenThatIsTooOldReplacedOrAnotherGatewaysIsOfNoUse() throws Exception {
        String first = token("gateway-2");
        String second = token("gateway-2");
        assertThat(box.enrol(first).code()).isEqualTo("token_wrong");
        assertThat(box("gateway-1").enrol(second).code()).isEqualTo("token_wrong");
        assertThat(box("nobody").enrol(second).code()).isEqualTo("token_wrong");

        api.clock.forward(Duration.ofHours(25));

        assertThat(box.enrol(second).code()).isEqualTo("token_expired");
        assertThat(audited("gateway-2")).endsWith("gateway_refused gateway-2");
    }

    @Test
    void guessingTokensIsSlowedDown() throws Exception {
        int refused = 0;
        for (int i = 0; i < 10; i++) {
            GatewayBox.Answer answer = box.enrol("guess-" + i);
            refused += answer.status() == 429 ? 1 : 0;
        }
        assertThat(refused).isEqualTo(5);
        String metrics = api.browser().get("/metrics").response().body();
        assertThat(metrics)
                .contains("tocsin_identity_refused_total{reason=\"token_wrong\"} 5.0")
                .contains("tocsin_identity_refused_total{reason=\"too_many_attempts\"} 5.0");
    }

    @Test
    void neitherTokensNorPasswordsAreInTheDatabase() throws Exception {
        String token = token("gateway-2");
        String password = admin.post("/api/v1/devices/hall-3/credential", null)
                .body()
                .get("password")
                .asText();
        List<String> rows = api.database.column("select t::text from ops.enrolment_token t union all"
                + " select c::text from ops.device_credential c union all select a::text from ops.audit a");
        assertThat(rows).isNotEmpty().noneMatch(row -> row.contains(token) || row.contains(password));
    }

    @Test
    void aRequestForAnotherNameOfAnotherKeyOrOfAWeakOneIsRefused() throws Exception {
        String token = token("gateway-2");
        KeyPair other = GatewayBox.newKeys("EC", 256);

        assertThat(refusal(token, GatewayBox.request("gateway-1", box.keys, box.keys)))
                .contains("CN=gateway-2");
        assertThat(refusal(token, GatewayBox.request("gateway-2,O=x", box.keys, box.keys)))
                .contains("CN=gateway-2");
        assertThat(refusal(token, GatewayBox.request("gateway-2", box.keys, other)))
                .contains("not signed by its own");
        KeyPair rsa = GatewayBox.newKeys("RSA", 2048);
        assertThat(refusal(token, GatewayBox.request("gateway-2", rsa, rsa))).contains("P-256");
        KeyPair large = GatewayBox.newKeys("EC", 384);
        assertThat(refusal(token, GatewayBox.request("gateway-2", large, large)))
                .contains("P-256");
        api.clock.forward(Duration.ofMinutes(2));
        byte[] cut = java.util.Arrays.copyOf(GatewayBox.request("gateway-2", box.keys, box.keys), 60);
        assertThat(refusal(token, cut)).contains("cannot be read");
        assertThat(box.enrol(token, "no request at all")
                        .body()
                        .at("/error/where")
                        .asText())
                .isEqualTo("/csr");
        assertThat(box.enrol(token).status()).as("the token is still good").isEqualTo(200);
    }

    private String refusal(String token, byte[] request) throws Exception {
        GatewayBox.Answer answer = box.enrol(token, GatewayBox.pem(request));
        assertThat(answer.status()).isEqualTo(400);
        return answer.body().at("/error/message").asText();
    }

    @Test
    void aGatewayRenewsByTheKeyThatItHasAlsoWhenItWasOffForWeeks() throws Exception {
        box.enrol(token("gateway-2"));
        String first = box.certificate;
        KeyPair firstKeys = box.keys;

        KeyPair secondKeys = GatewayBox.newKeys("EC", 256);
        assertThat(box.renew(secondKeys).status()).isEqualTo(200);
        assertThat(box.certificate).isNotEqualTo(first);
        box.certificate = first;
        box.keys = firstKeys;
        assertThat(box.renew(secondKeys).status())
                .as("it was switched off before it could keep the second one")
                .isEqualTo(200);

        api.clock.forward(Duration.ofDays(60));
        admin = api.admin();
        assertThat(identity("gateway-2").get("state").asText()).isEqualTo("expired");
        assertThat(box.renew().status()).isEqualTo(200);
        assertThat(identity("gateway-2").get("state").asText()).isEqualTo("enrolled");

        api.clock.forward(Duration.ofDays(98));
        assertThat(box.renew().code()).isEqualTo("renewal_too_late");
    }

    @Test
    void aRenewalIsOfNoUseToWhoHasNotTheKey() throws Exception {
        box.enrol(token("gateway-2"));
        KeyPair thief = GatewayBox.newKeys("EC", 256);
        byte[] csr = GatewayBox.request("gateway-2", thief, thief);

        assertThat(box.renew(csr, GatewayBox.sign(thief, csr)).code()).isEqualTo("signature_wrong");

        byte[] own = GatewayBox.request("gateway-2", box.keys, box.keys);
        assertThat(box.renew(csr, GatewayBox.sign(box.keys, own)).code()).isEqualTo("signature_wrong");
        byte[] ofOther = GatewayBox.request("gateway-1", box.keys, box.keys);
        assertThat(box.renew(ofOther, GatewayBox.sign(box.keys, ofOther)).status())
                .isEqualTo(400);
        box.certificate = Files.readString(identities().resolve("ca.pem"));
        assertThat(box.renew().code()).isEqualTo("identity_unknown");
    }

    @Test
    void aCopyOfAnIdentityAndTheGatewayCannotBothGoOnRenewing() throws Exception {
        box.enrol(token("gateway-2"));
        GatewayBox copy = box("gateway-2");
        copy.keys = box.keys;
        copy.certificate = box.certificate;

        assertThat(copy.renew().status()).isEqualTo(200);
        assertThat(box.renew().code()).isEqualTo("identity_superseded");
        assertThat(copy.renew().status()).isEqualTo(200);
        assertThat(audited("gateway-2")).contains("gateway_refused gateway-2");

        admin.post("/api/v1/gateways/gateway-2/revoke", null);
        assertThat(copy.renew().code()).isEqualTo("identity_revoked");
        assertThat(box.enrol(token("gateway-2")).status()).isEqualTo(200);
        assertThat(box.renew().status()).isEqualTo(200);
    }

    @Test
    void failedRenewalsOfManyPlacesDoNotKeepAnotherGatewayFromItsOwn() throws Exception {
        box.enrol(token("gateway-2"));
        GatewayBox stranger = box("gateway-2");
        stranger.certificate = Files.readString(identities().resolve("ca.pem"));
        for (int i = 0; i < 5; i++) {
            assertThat(stranger.renew().code()).isEqualTo("identity_unknown");
        }
        assertThat(stranger.renew().code()).isEqualTo("too_many_attempts");
        assertThat(box.renew().status()).isEqualTo(200);
    }

    @Test
    void aRevokedGatewayIsToldToTheBrokerAndRenewsNoMore() throws Exception {
        box.enrol(token("gateway-2"));
        X509Certificate certificate = GatewayBox.certificate(box.certificate);
        String unused = token("gateway-2");
        assertThat(api.duty().post("/api/v1/gateways/gateway-2/revoke", null).status())
                .isEqualTo(403);

        Browser.Answer answer = admin.post("/api/v1/gateways/gateway-2/revoke", null);

        assertThat(answer.body().get("state").asText()).isEqualTo("revoked");
        assertThat(answer.body().get("revokedBy").asText()).isEqualTo("admin");
        assertThat(list(Files.readString(identities().resolve("crl.pem"))).isRevoked(certificate))
                .isTrue();
        assertThat(list(api.browser().get("/api/v1/crl.pem").response().body()).isRevoked(certificate))
                .isTrue();
        assertThat(Files.readString(identities().resolve("revoked-gateways"))).isEqualTo("gateway-2\n");
        assertThat(box.renew().code()).isEqualTo("identity_revoked");
        assertThat(box.enrol(unused).code()).isEqualTo("token_wrong");
        assertThat(audited("gateway-2")).contains("gateway_revoked admin");

        GatewayBox successor = box("gateway-2");
        assertThat(successor.enrol(token("gateway-2")).status()).isEqualTo(200);
        assertThat(identity("gateway-2").get("state").asText()).isEqualTo("enrolled");
        assertThat(list(Files.readString(identities().resolve("crl.pem")))
                        .isRevoked(GatewayBox.certificate(successor.certificate)))
                .isFalse();
        assertThat(box.renew().code()).isEqualTo("identity_revoked");
    }

    private static X509CRL list(String pem) throws Exception {
        return (X509CRL) CertificateFactory.getInstance("X.509")
                .generateCRL(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void theRevocationListIsNewBeforeTheOldOneEnds() throws Exception {
        Path file = identities().resolve("crl.pem");
        await().until(() -> Files.exists(file));
        Instant first = list(Files.readString(file)).getNextUpdate().toInstant();

        api.clock.forward(Duration.ofHours(13));

        await().atMost(Duration.ofSeconds(30))
                .until(() ->
                        list(Files.readString(file)).getNextUpdate().toInstant().isAfter(first));
    }

    @Test
    void theListenerForGatewaysAnswersNothingElse() throws Exception {
        assertThat(box.status("/api/v1/crl.pem")).isEqualTo(200);
        for (String path : List.of(
                "/",
                "/health",
                "/metrics",
                "/openapi.yaml",
                "/api/v1/me",
                "/api/v1/gateways",
                "/api/v1/login",
                "/api/v1/crl.pem/",
                "//api/v1/me",
                "/api/v1/enrol/../me",
                "/api/v1/enrol/%2e%2e/me")) {
            assertThat(box.status(path)).as(path).isEqualTo(404);
        }
        assertThatThrownBy(() -> api.browser().get(api.gatewayBase().replace("https", "http")))
                .isInstanceOf(Exception.class);
    }

    @Test
    void keysAreTheOwnersAloneAndAnAuthorityWithoutItsKeyIsNeverReplaced() throws Exception {
        for (String file : List.of("ca.key", "server.pem")) {
            assertThat(PosixFilePermissions.toString(
                            Files.getPosixFilePermissions(identities().resolve(file))))
                    .isEqualTo("rw-------");
        }
        String authority = Files.readString(identities().resolve("ca.pem"));
        api.stop();
        Files.delete(identities().resolve("ca.pem"));
        api.start();
        X509Certificate again =
                GatewayBox.certificate(Files.readString(identities().resolve("ca.pem")));
        assertThat(again.getPublicKey())
                .as("a power cut between key and certificate")
                .isEqualTo(GatewayBox.certificate(authority).getPublicKey());
        api.stop();
        Files.delete(identities().resolve("ca.key"));

        assertThatThrownBy(api::start).hasMessageContaining("ca.key is missing");
        Files.writeString(identities().resolve("ca.key"), "damaged");
        assertThatThrownBy(api::start).hasMessageContaining("ca.key");
    }

    @Test
    void aSecondAuthorityIsToldToGatewaysBeforeItSigns() throws Exception {
        api.stop();
        Path file = identities().resolve("ca.pem");
        String own = Files.readString(file);
        Path elsewhere = Files.createTempDirectory("other");
        dev.tocsin.cloud.identity.Identities.prepare(elsewhere, List.of("localhost"), api.clock);
        String next = Files.readString(elsewhere.resolve("identities/ca.pem"));
        Files.writeString(file, next + own);
        api.start();
        await().atMost(Duration.ofSeconds(30))
                .until(() -> api.browser().get("/health").response().body().contains("\"database\":\"ok\""));
        admin = api.admin();
        box = new GatewayBox(api.gatewayBase(), own, "gateway-2");

        GatewayBox.Answer answer = box.enrol(token("gateway-2"));

        assertThat(answer.body().get("authorities").asText()).isEqualTo(next + own);
        GatewayBox.certificate(box.certificate)
                .verify(GatewayBox.certificate(own).getPublicKey());
    }

    @Test
    void aDevicesPasswordIsShownOnceRotatedAndTakenAway() throws Exception {
        Path users = identities().resolve("device-users");
        Browser.Answer made = admin.post("/api/v1/devices/hall-3/credential", null);
        assertThat(made.status()).isEqualTo(200);
        String line = Files.readString(users);
        assertThat(line)
                .startsWith("hall-3 sensor pbkdf2-sha256$")
                .doesNotContain(made.body().get("password").asText());
        assertThat(admin.get("/api/v1/device-credentials").body().get("credentials"))
                .hasSize(1);

        admin.post("/api/v1/devices/hall-3/credential", null);
        assertThat(Files.readString(users)).isNotEqualTo(line).hasLineCount(1);

        assertThat(admin.send("DELETE", "/api/v1/devices/hall-3/credential", null)
                        .status())
                .isEqualTo(204);
        assertThat(Files.readString(users)).isEmpty();
        assertThat(admin.send("DELETE", "/api/v1/devices/hall-3/credential", null)
                        .status())
                .isEqualTo(404);
        assertThat(admin.post("/api/v1/devices/nothing/credential", null).status())
                .isEqualTo(404);
        assertThat(admin.post("/api/v1/gateways/nothing/enrolment-token", null).status())
                .isEqualTo(404);
    }
}
