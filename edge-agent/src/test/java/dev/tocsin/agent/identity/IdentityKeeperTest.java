package dev.tocsin.agent.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tocsin.agent.TestPki;
import dev.tocsin.agent.link.PemFiles;
import dev.tocsin.agent.link.Tls;
import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.profiles.config.Settings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

@Execution(ExecutionMode.CONCURRENT)
class IdentityKeeperTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private TestPki pki;
    private SigningPlatform platform;
    private Path token;
    private AgentMetrics metrics = new AgentMetrics();
    private final List<IdentityKeeper> started = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/openssl")), "openssl is not installed");
        pki = new TestPki(folder.resolve("pki"));
        TestPki.Identity server = pki.issue("server", "ip:127.0.0.1", "EC");
        platform = new SigningPlatform(
                folder.resolve("platform"), new Tls(null, server.certificate(), server.key()).context(), pki.trust());
        token = Files.writeString(folder.resolve("token"), "the token\n");
    }

    @AfterEach
    void stop() {
        started.forEach(IdentityKeeper::close);
        if (platform != null) {
            platform.close();
        }
    }

    private IdentityConfig config(String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(
                "--enrol.url=" + platform.url(), "--enrol.token-file=" + token, "--enrol.ca-file=" + pki.trust()));
        arguments.addAll(List.of(more));
        Settings settings = new Settings(arguments.toArray(new String[0]), Map.of());
        IdentityConfig config = IdentityConfig.from(settings, folder.resolve("agent"));
        settings.finish();
        return config;
    }

    private IdentityKeeper keeper(IdentityConfig config, Clock clock) {
        metrics = new AgentMetrics();
        IdentityKeeper keeper = new IdentityKeeper(config, "gw-1", clock, () -> true, metrics);
        started.add(keeper);
        keeper.start();
        return keeper;
    }

    private static Clock in(Duration ahead) {
        return Clock.offset(Clock.systemUTC(), ahead);
    }

    private Path identity() {
        return folder.resolve("agent/identity/identity.pem");
    }

    private X509Certificate enrolled() throws Exception {
        IdentityKeeper keeper = keeper(config(), Clock.systemUTC());
        await().atMost(SOON).until(() -> keeper.state().contains("CN=gw-1 until"));
        keeper.close();
        return PemFiles.certificates(identity()).get(0);
    }

    @Test
    void aGatewayMakesItsKeyAndIsGivenItsCertificate() throws Exception {
        X509Certificate certificate = enrolled();

        assertThat(platform.asked).hasSize(1);
        assertThat(platform.asked.get(0).get("token").asText()).isEqualTo("the token");
        assertThat(platform.asked.get(0).get("gateway").asText()).isEqualTo("gw-1");
        assertThat(certificate.getSubjectX500Principal().getName()).isEqualTo("CN=gw-1");
        Tls own = new Tls(folder.resolve("agent/identity/ca.pem"), identity(), identity());
        assertThat(own.context()).as("key and certificate belong together").isNotNull();
        assertThat(metrics.scrape())
                .contains("tocsin_agent_identity_certificates_total{how=\"enrolled\"} 1.0")
                .containsPattern("tocsin_agent_certificate_expiry_seconds 60[0-9]{4}");
    }

    @Test
    void noKeyIsEverOpenToOthersAndNoneIsLeftBehind() throws Exception {
        enrolled();
        try (Stream<Path> files = Files.list(identity().getParent())) {
            assertThat(files.map(file -> file.getFileName().toString()))
                    .containsExactlyInAnyOrder("identity.pem", "ca.pem");
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(identity())))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(identity().getParent())))
                .isEqualTo("rwx------");
    }

    @Test
    void anAuthorityIsKnownByItsFingerprint() throws Exception {
        byte[] ca = PemFiles.certificates(pki.trust()).get(0).getEncoded();
        String fingerprint = HexFormat.ofDelimiter(":")
                .withUpperCase()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(ca));
        IdentityConfig pinned = withoutFile(fingerprint);
        IdentityKeeper keeper = keeper(pinned, Clock.systemUTC());

        await().atMost(SOON).until(() -> keeper.state().contains("CN=gw-1 until"));
    }

    @Test
    void nobodyElseIsToldTheToken() throws Exception {
        IdentityKeeper keeper = keeper(withoutFile("00".repeat(32)), Clock.systemUTC());
        await().atMost(SOON).until(() -> keeper.state().contains("fingerprint 0000"));

        TestPki another = new TestPki(folder.resolve("another"));
        IdentityKeeper second = keeper(config("--enrol.ca-file=" + another.trust()), Clock.systemUTC());
        await().atMost(SOON).until(() -> second.state().contains("(fault)"));

        assertThat(platform.asked).isEmpty();
        assertThat(metrics.scrape()).contains("tocsin_agent_identity_failures_total{reason=\"fault\"}");
    }

    private IdentityConfig withoutFile(String fingerprint) {
        Settings settings = new Settings(
                new String[] {
                    "--enrol.url=" + platform.url(),
                    "--enrol.token-file=" + token,
                    "--enrol.ca-fingerprint=" + fingerprint
                },
                Map.of());
        IdentityConfig config = IdentityConfig.from(settings, folder.resolve("agent"));
        settings.finish();
        return config;
    }

    @Test
    void aThirdBeforeItsEndTheCertificateIsRenewedWithANewKeyThatTheOldOneVouchesFor() throws Exception {
        X509Certificate first = enrolled();
        IdentityKeeper early = keeper(config(), in(Duration.ofDays(4)));
        await().atMost(SOON).until(() -> early.state().contains("until"));
        early.close();
        assertThat(platform.asked).as("after four days of seven").hasSize(1);

        IdentityKeeper keeper = keeper(config(), in(Duration.ofDays(5)));
        await().atMost(SOON).until(() -> metrics.scrape().contains("certificates_total{how=\"renewed\"} 1.0"));

        X509Certificate second = PemFiles.certificates(identity()).get(0);
        assertThat(second.getPublicKey()).isNotEqualTo(first.getPublicKey());
        JsonNode asked = platform.asked.get(1);
        assertThat(PemFiles.certificates(asked.get("certificate").asText(), "asked")
                        .get(0))
                .isEqualTo(first);
        assertThat(signedByOpenssl(asked, first)).contains("Verified OK");
        assertThat(keeper.state()).contains("CN=gw-1 until");
    }

    /** As the platform verifies it, by another implementation. */
    private String signedByOpenssl(JsonNode asked, X509Certificate by) throws Exception {
        Path work = folder.resolve("platform");
        Files.writeString(
                work.resolve("by.pem"),
                IdentityFiles.pem("PUBLIC KEY", by.getPublicKey().getEncoded()));
        Files.write(
                work.resolve("signature"),
                java.util.Base64.getDecoder().decode(asked.get("signature").asText()));
        Files.writeString(work.resolve("request.pem"), asked.get("csr").asText());
        platform.run("openssl", "req", "-in", "request.pem", "-outform", "DER", "-out", "request.der");
        byte[] der = Files.readAllBytes(work.resolve("request.der"));
        byte[] head = "tocsin renewal 1\n".getBytes(StandardCharsets.US_ASCII);
        byte[] text = Arrays.copyOf(head, head.length + der.length);
        System.arraycopy(der, 0, text, head.length, der.length);
        Files.write(work.resolve("text"), text);
        return platform.run("openssl", "dgst", "-sha256", "-verify", "by.pem", "-signature", "signature", "text");
    }

    @Test
    void aGatewayThatWasOffForLongerThanItsCertificateAsksWithTheOldKey() throws Exception {
        enrolled();
        IdentityKeeper keeper = keeper(config(), in(Duration.ofDays(40)));
        await().atMost(SOON).until(() -> keeper.state().contains("ahead"));
        assertThat(platform.asked.get(1).has("signature")).isTrue();
        assertThat(platform.asked)
                .as("that clock would want another one at once")
                .hasSize(2);
    }

    @Test
    void anAnswerThatIsLostIsAskedForAgainWithTheSameKey() throws Exception {
        platform.refusals.add("");
        IdentityKeeper keeper = keeper(config(), Clock.systemUTC());
        await().atMost(SOON).until(() -> keeper.state().contains("CN=gw-1 until"));

        assertThat(platform.asked).hasSize(2);
        assertThat(keyOf(platform.asked.get(0))).isEqualTo(keyOf(platform.asked.get(1)));
    }

    private String keyOf(JsonNode asked) throws Exception {
        Files.writeString(folder.resolve("platform/one.pem"), asked.get("csr").asText());
        return platform.run("openssl", "req", "-in", "one.pem", "-noout", "-pubkey");
    }

    @Test
    void whereverThePowerIsCutAnIdentityThatCanBeUsedIsLeft() throws Exception {
        IdentityFiles files = new IdentityFiles(identity().getParent());
        KeyPair asked = files.next(null);
        assertThat(files.next(null).getPublic())
                .as("cut after the key was written, or after the platform signed it")
                .isEqualTo(asked.getPublic());
        X509Certificate first = enrolled();
        assertThat(first.getPublicKey()).isEqualTo(asked.getPublic());

        byte[] kept = Files.readAllBytes(identity());
        IdentityFiles.Identity current = files.current();
        KeyPair next = files.next(current);
        Files.write(identity().resolveSibling("identity.pem.new"), Arrays.copyOf(kept, 100));
        assertThat(files.current()).as("cut while the new one was written").isEqualTo(current);
        Files.delete(identity().resolveSibling("identity.pem.new"));
        assertThat(files.next(current).getPublic()).isEqualTo(next.getPublic());

        Files.writeString(
                identity().resolveSibling("next.key"),
                new String(kept, StandardCharsets.US_ASCII)
                        + IdentityFiles.pem("PUBLIC KEY", first.getPublicKey().getEncoded()));
        assertThat(files.next(current).getPublic())
                .as("cut before the key was forgotten that became the identity: each renewal has a new one")
                .isNotEqualTo(first.getPublicKey());

        Files.writeString(identity().resolveSibling("next.key"), "damaged");
        assertThat(files.next(current)).isNotNull();
    }

    @Test
    void aCertificateOfAnotherKeyReplacesNothing() throws Exception {
        enrolled();
        byte[] before = Files.readAllBytes(identity());
        IdentityFiles files = new IdentityFiles(identity().getParent());
        KeyPair next = files.next(files.current());
        String ofTheOldKey = IdentityFiles.pem(files.current().certificate());

        assertThatThrownBy(() -> files.keep(next, ofTheOldKey, Files.readString(pki.trust())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("another key");
        assertThat(Files.readAllBytes(identity())).isEqualTo(before);
    }

    @Test
    void aRevokedGatewayComesBackByANewTokenInItsFile() throws Exception {
        X509Certificate first = enrolled();
        platform.refusals.add("identity_revoked");
        IdentityKeeper keeper = keeper(config(), in(Duration.ofDays(6)));
        await().atMost(SOON).until(() -> keeper.state().contains("identity_revoked"));
        keeper.close();
        assertThat(PemFiles.certificates(identity()).get(0))
                .as("what it has, it keeps")
                .isEqualTo(first);

        put("another token");
        keeper(config(), Clock.systemUTC());
        await().atMost(SOON).until(() -> metrics.scrape().contains("certificates_total{how=\"enrolled\"} 1.0"));
        assertThat(platform.asked.get(platform.asked.size() - 1).get("token").asText())
                .isEqualTo("another token");
        assertThat(PemFiles.certificates(identity()).get(0).getPublicKey()).isNotEqualTo(first.getPublicKey());
    }

    @Test
    void aNewTokenThatIsRefusedLeavesTheIdentityAsItIs() throws Exception {
        X509Certificate first = enrolled();
        put("mistyped");
        platform.refusals.add("token_wrong");
        IdentityKeeper keeper = keeper(config(), Clock.systemUTC());

        await().atMost(SOON).until(() -> metrics.scrape().contains("failures_total{reason=\"token_wrong\"} 1.0"));
        await().atMost(SOON).until(() -> keeper.state().contains("CN=gw-1 until"));
        assertThat(PemFiles.certificates(identity()).get(0)).isEqualTo(first);
    }

    @Test
    void anIdentityThatTheDiskDamagedIsReplacedByANewToken() throws Exception {
        enrolled();
        Files.writeString(identity(), "damaged");
        IdentityKeeper keeper = keeper(config(), Clock.systemUTC());
        await().atMost(SOON).until(() -> keeper.state().contains("identity.pem holds no"));
        keeper.close();

        put("another token");
        IdentityKeeper again = keeper(config(), Clock.systemUTC());
        await().atMost(SOON).until(() -> again.state().contains("CN=gw-1 until"));
    }

    /** After the identity was made, however coarse the file system's clock is. */
    private void put(String newToken) throws IOException {
        Files.writeString(token, newToken);
        Files.setLastModifiedTime(
                token,
                FileTime.from(Files.getLastModifiedTime(identity()).toInstant().plusSeconds(2)));
    }

    @Test
    void aGatewayWhoseClockWasNeverSetWaitsForIt() throws Exception {
        Clock in1970 = Clock.fixed(Instant.EPOCH.plusSeconds(60), java.time.ZoneOffset.UTC);
        IdentityKeeper keeper = new IdentityKeeper(config(), "gw-1", in1970, () -> false, metrics);
        started.add(keeper);
        keeper.start();

        await().atMost(SOON).until(() -> keeper.state().contains("waits for the clock"));
        assertThat(platform.asked).isEmpty();
    }

    @Test
    void aConfigurationThatWouldTellTheTokenToAnybodyIsRefused() {
        assertThat(refusal("--enrol.url=https://x:1")).contains("--enrol.ca-fingerprint or --enrol.ca-file");
        assertThat(refusal("--enrol.url=http://x:1", "--enrol.ca-file=x")).contains("is not https://");
        assertThat(refusal("--enrol.url=https://x:1/path", "--enrol.ca-file=x")).contains("is not https://");
        assertThat(refusal("--enrol.url=https://x:1", "--enrol.ca-fingerprint=12:34"))
                .contains("is not a SHA-256");
    }

    private String refusal(String... arguments) {
        Settings settings = new Settings(arguments, Map.of());
        IdentityConfig.from(settings, folder);
        try {
            settings.finish();
            return "";
        } catch (Settings.InvalidException e) {
            return String.valueOf(e.getMessage());
        }
    }
}
