package dev.tocsin.agent.link;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.tocsin.agent.TestBroker;
import dev.tocsin.agent.TestPki;
import dev.tocsin.profiles.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A broker that shows a certificate and asks for one. */
class TlsTest {
    @TempDir
    static Path folder;

    private static TestPki site;
    private static TestPki stranger;
    private static TestBroker broker;
    private static TestPki.Identity gateway;

    @BeforeAll
    static void open() throws Exception {
        site = new TestPki(folder.resolve("site"));
        stranger = new TestPki(folder.resolve("stranger"));
        site.issue("broker", "ip:127.0.0.1", "EC");
        gateway = site.issue("gateway", "dns:gateway", "EC");
        broker = new TestBroker(site.acceptor("broker", site));
    }

    @AfterAll
    static void close() throws Exception {
        broker.close();
    }

    private static BrokerAddress with(Path trust, Path certificate, Path key) {
        return new BrokerAddress(broker.url(), null, null, null, new Tls(trust, certificate, key));
    }

    /** Nothing when it connected, else what the log would say. */
    private static String tryToConnect(BrokerAddress address) throws Exception {
        MqttAsyncClient client = new MqttAsyncClient(address.clientUrl(), "tls-test", new MemoryPersistence());
        try {
            client.connect(address.options(10)).waitForCompletion(20_000);
            client.disconnect().waitForCompletion(10_000);
            return "";
        } catch (MqttException | IOException e) {
            return address.reason(e);
        } finally {
            client.close(true);
        }
    }

    @Test
    void bothSidesKnowEachOtherByCertificatesOfEitherKind() throws Exception {
        assertThat(tryToConnect(with(site.trust(), gateway.certificate(), gateway.key())))
                .isEmpty();
        TestPki.Identity rsa = site.issue("gateway-rsa", "dns:gateway", "RSA");
        assertThat(tryToConnect(with(site.trust(), rsa.certificate(), rsa.key())))
                .isEmpty();
    }

    @Test
    void aBrokerOfAnotherAuthorityIsRefusedAndTheTrustFileNamed() throws Exception {
        String reason = tryToConnect(with(stranger.trust(), gateway.certificate(), gateway.key()));
        assertThat(reason)
                .contains(
                        "unable to find valid certification path",
                        stranger.trust().toString());
    }

    @Test
    void aBrokerThatTheRuntimeDoesNotKnowIsRefusedWithoutATrustFile() throws Exception {
        assertThat(tryToConnect(with(null, gateway.certificate(), gateway.key())))
                .contains("unable to find valid certification path", "the runtime's authorities");
    }

    @Test
    void aBrokerWhoseCertificateIsOfAnotherNameIsRefused() throws Exception {
        site.issue("elsewhere", "dns:elsewhere.example", "EC");
        try (TestBroker elsewhere = new TestBroker(site.acceptor("elsewhere", site))) {
            Tls tls = new Tls(site.trust(), gateway.certificate(), gateway.key());
            assertThat(tryToConnect(new BrokerAddress(elsewhere.url(), null, null, null, tls)))
                    .contains("No subject alternative names matching IP address 127.0.0.1");
        }
    }

    @Test
    void aGatewayWithoutACertificateIsNotLetIn() throws Exception {
        assertThat(tryToConnect(with(site.trust(), null, null))).isNotEmpty();
    }

    @Test
    void aCertificateThatWasRenewedOnDiskIsUsedAtTheNextConnect() throws Exception {
        TestPki.Identity foreign = stranger.issue("gateway", "dns:gateway", "EC");
        Path certificate = folder.resolve("renewed.pem");
        Path key = folder.resolve("renewed.key");
        Files.copy(foreign.certificate(), certificate);
        Files.copy(foreign.key(), key, StandardCopyOption.COPY_ATTRIBUTES);
        BrokerAddress address = with(site.trust(), certificate, key);
        assertThat(tryToConnect(address)).isNotEmpty();
        Files.copy(gateway.certificate(), certificate, StandardCopyOption.REPLACE_EXISTING);
        assertThat(tryToConnect(address)).contains("does not belong to the certificate", key.toString());
        Files.copy(gateway.key(), key, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
        assertThat(tryToConnect(address)).isEmpty();
    }

    @Test
    void aKeyThatOthersMayReadIsRefused() throws Exception {
        Path open = Files.copy(gateway.key(), folder.resolve("open.key"));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> with(site.trust(), gateway.certificate(), open).options(10))
                .isInstanceOf(IOException.class)
                .hasMessageContainingAll(open.toString(), "rw-r-----", "chmod 600");
    }

    @Test
    void whatIsNoPemFileIsNamedWithTheReason() throws Exception {
        assertRefused(new Tls(folder.resolve("nowhere.pem"), null, null), "nowhere.pem does not exist");
        assertRefused(new Tls(gateway.key(), null, null), "gateway.key holds no '-----BEGIN CERTIFICATE-----'");
        assertRefused(
                new Tls(null, gateway.certificate(), secret("ec.key", "EC PRIVATE KEY", "AAAA")),
                "ec.key holds no '-----BEGIN PRIVATE KEY-----' (PKCS#8, not encrypted; openssl pkcs8");
        assertRefused(
                new Tls(null, gateway.certificate(), secret("bad.key", "PRIVATE KEY", "AAAA")),
                "bad.key holds a key that is neither EC nor RSA, or is damaged");
        assertRefused(
                new Tls(null, gateway.certificate(), secret("worse.key", "PRIVATE KEY", "AAAAA")),
                "worse.key holds a key that is not Base64");
        Path damaged = Files.writeString(
                folder.resolve("damaged.pem"), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n");
        assertRefused(new Tls(damaged, null, null), "damaged.pem holds a certificate that cannot be read");
    }

    private static Path secret(String name, String kind, String text) throws IOException {
        Path file = Files.writeString(
                folder.resolve(name), "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private static void assertRefused(Tls tls, String reason) {
        assertThatThrownBy(tls::context).isInstanceOf(IOException.class).hasMessageContaining(reason);
    }

    @Test
    void settingsThatDoNotGoTogetherAreAllNamedAtOnce() {
        Settings settings = new Settings(
                new String[] {
                    "--broker.url=http://127.0.0.1",
                    "--field.broker.url=tcp://127.0.0.1:1883",
                    "--field.broker.trust-file=ca.pem",
                    "--field.broker.certificate-file=me.pem"
                },
                Map.of());
        BrokerAddress.from(settings, "broker", "tcp://127.0.0.1:1883");
        BrokerAddress.from(settings, "field.broker", "tcp://127.0.0.1:1883");
        assertThatThrownBy(settings::finish)
                .hasMessageContainingAll(List.of(
                                "--broker.url = 'http://127.0.0.1' is neither tcp://host:port nor ssl://host:port",
                                "--field.broker.certificate-file and --field.broker.key-file go together",
                                "--field.broker.url = 'tcp://127.0.0.1:1883' is not ssl://, but TLS files are named")
                        .toArray(new CharSequence[0]));
    }
}
