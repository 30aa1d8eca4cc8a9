package dev.tocsin.standalone.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tocsin.profiles.config.PrivateFile;
import dev.tocsin.profiles.wire.PasswordHash;
import dev.tocsin.standalone.broker.access.Credentials;
import dev.tocsin.standalone.broker.access.Role;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLSocketFactory;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttToken;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The broker's TLS listener, and who is cut off, with the files of another program than the API. */
class BrokerTlsTest {
    private static final int NOT_AUTHORISED = 0x87;
    private static final int BAD_PASSWORD = 0x86;
    private static final int UNHEARD = 0x10;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path temporary;

    private final Ahead clock = new Ahead();
    private Path identities;
    private Credentials credentials;
    private OpensslAuthority authority;
    private EmbeddedBroker broker;
    private int plainPort;
    private int tlsPort;

    private static final class Ahead extends Clock {
        private volatile Duration by = Duration.ZERO;

        @Override
        public Instant instant() {
            return Clock.systemUTC().instant().plus(by);
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            throw new UnsupportedOperationException();
        }
    }

    @BeforeEach
    void start() throws Exception {
        assumeTrue(OpensslAuthority.isInstalled(), "openssl is not installed");
        // A blank, as a data folder may have one: the path is a parameter of an address.
        Path folder = temporary.resolve("a site; with=signs");
        identities = folder.resolve("identities");
        credentials = Credentials.open(folder.resolve("credentials"));
        credentials.user("gw-1", Role.GATEWAY);
        authority = new OpensslAuthority(temporary.resolve("pki"));
        authority.installServer(identities);
        plainPort = BrokerProcess.freePort();
        tlsPort = BrokerProcess.freePort();
        broker = EmbeddedBroker.start(settings(folder), clock, () -> {});
    }

    private BrokerSettings settings(Path folder) {
        return new BrokerSettings(
                "127.0.0.1",
                plainPort,
                folder.resolve("broker"),
                credentials.usersFile(),
                new BrokerSettings.Tls("127.0.0.1", tlsPort, identities),
                64,
                8,
                -1);
    }

    @AfterEach
    void stop() throws Exception {
        if (broker != null) {
            broker.close();
        }
    }

    private Client connect(SSLSocketFactory sockets, @Nullable String user, @Nullable String password)
            throws MqttException {
        MqttClient client =
                new MqttClient("ssl://127.0.0.1:" + tlsPort, "c" + System.nanoTime(), new MemoryPersistence());
        MqttConnectionOptions options = options(user, password);
        options.setSocketFactory(sockets);
        client.connect(options);
        return new Client(client);
    }

    private Client connect(String user, String password) throws MqttException {
        MqttClient client =
                new MqttClient("tcp://127.0.0.1:" + plainPort, "c" + System.nanoTime(), new MemoryPersistence());
        client.connect(options(user, password));
        return new Client(client);
    }

    private record Client(MqttClient mqtt) implements AutoCloseable {
        boolean isConnected() {
            return mqtt.isConnected();
        }

        @Override
        public void close() throws MqttException {
            mqtt.disconnectForcibly(0, 500, false);
            mqtt.close(true);
        }
    }

    private static MqttConnectionOptions options(@Nullable String user, @Nullable String password) {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setAutomaticReconnect(false);
        options.setConnectionTimeout(10);
        if (user != null) {
            options.setUserName(user);
        }
        if (password != null) {
            options.setPassword(password.getBytes(StandardCharsets.UTF_8));
        }
        return options;
    }

    /** The broker's reason code; {@link #UNHEARD} where it took it and nobody is subscribed. */
    private static int published(Client client, String topic) throws MqttException {
        MqttToken token = client.mqtt().getTopic(topic).publish(new byte[] {1}, 1, false);
        try {
            token.waitForCompletion(10_000);
        } catch (MqttException e) {
            return e.getReasonCode();
        }
        return token.getReasonCodes()[0];
    }

    private static int refusal(Connecting connecting) {
        try {
            connecting.connect().close();
            return 0;
        } catch (MqttException e) {
            return e.getReasonCode();
        } catch (Exception e) {
            throw new AssertionError(e);
        }
    }

    private interface Connecting {
        Client connect() throws Exception;
    }

    @Test
    void aCertificateIsItsGatewayWithoutAPasswordAndSpeaksForNobodyElse() throws Exception {
        authority.issueGateway("gw-7");
        try (Client gateway = connect(authority.sockets("gw-7"), null, null)) {
            assertThat(published(gateway, "tocsin/v1/up/0/gw-7/live")).isEqualTo(UNHEARD);
            assertThat(published(gateway, "tocsin/v1/up/0/gw-1/live")).isEqualTo(NOT_AUTHORISED);
            assertThat(published(gateway, "tocsin/v1/alerts/town/1")).isEqualTo(NOT_AUTHORISED);
        }
        assertThat(refusal(() -> connect(authority.sockets("gw-7"), "gw-1", null)))
                .as("another name than the certificate's")
                .isEqualTo(BAD_PASSWORD);
        assertThat(refusal(() -> connect(authority.sockets("gw-7"), "gw-1", password("gw-1"))))
                .as("even with its password")
                .isEqualTo(BAD_PASSWORD);
    }

    private String password(String user) throws IOException {
        return Files.readString(credentials.passwordFile(user)).strip();
    }

    @Test
    void withoutACertificateAPasswordIsNeeded() throws Exception {
        try (Client gateway = connect(authority.sockets(null), "gw-1", password("gw-1"))) {
            assertThat(published(gateway, "tocsin/v1/up/0/gw-1/live")).isEqualTo(UNHEARD);
        }
        assertThat(refusal(() -> connect(authority.sockets(null), null, null))).isEqualTo(BAD_PASSWORD);
        assertThat(refusal(() -> connect(authority.sockets(null), "gw-1", "wrong")))
                .isEqualTo(BAD_PASSWORD);
    }

    @Test
    void aCertificateOfAnotherAuthorityOrOfAServerOrThatEndedLetsNobodyIn() throws Exception {
        OpensslAuthority other = new OpensslAuthority(temporary.resolve("other"));
        other.issueGateway("gw-1");
        java.nio.file.Path pki = temporary.resolve("pki");
        Files.copy(temporary.resolve("other/gw-1.pem"), pki.resolve("forged.pem"));
        Files.copy(temporary.resolve("other/gw-1.key"), pki.resolve("forged.key"));
        authority.issue("gw-8", "extendedKeyUsage=serverAuth", 7);
        authority.issueGateway("gw-9");

        // Java shows no certificate that the server does not ask for, or is refused in the handshake: never let in.
        assertThat(refusal(() -> connect(authority.sockets("forged"), "gw-1", null)))
                .isNotZero();
        assertThat(refusal(() -> connect(authority.sockets("gw-8"), null, null)))
                .isNotZero();
        clock.by = Duration.ofDays(8);
        assertThat(refusal(() -> connect(authority.sockets("gw-9"), null, null)))
                .isEqualTo(BAD_PASSWORD);
    }

    @Test
    void aRevokedGatewayIsCutOffAndNotLetInAgain() throws Exception {
        authority.issueGateway("gw-7");
        authority.issueGateway("gw-8");
        try (Client stolen = connect(authority.sockets("gw-7"), null, null);
                Client other = connect(authority.sockets("gw-8"), null, null)) {
            authority.revoke("gw-7");
            PrivateFile.write(identities.resolve("crl.pem"), authority.list());

            await().atMost(PATIENCE).until(() -> !stolen.isConnected());

            await().atMost(PATIENCE)
                    .until(() -> refusal(() -> connect(authority.sockets("gw-7"), null, null)) == BAD_PASSWORD);
            assertThat(other.isConnected()).isTrue();
            assertThat(published(other, "tocsin/v1/up/0/gw-8/live")).isEqualTo(UNHEARD);
        }
    }

    /** Otherwise the platform would believe it online for ever. */
    @Test
    void whoIsCutOffIsMissedByItsLastWill() throws Exception {
        authority.issueGateway("gw-7");
        String password = credentials.user("platform", Role.PLATFORM);
        clock.by = Duration.ofSeconds(5);
        List<String> heard = new CopyOnWriteArrayList<>();
        try (Client platform = connect("platform", password)) {
            platform.mqtt().setCallback(new SilentCallback() {
                @Override
                public void messageArrived(String topic, MqttMessage message) {
                    heard.add(topic);
                }
            });
            platform.mqtt().subscribe("tocsin/v1/up/#", 1);
            MqttClient client = new MqttClient("ssl://127.0.0.1:" + tlsPort, "with-will", new MemoryPersistence());
            MqttConnectionOptions options = options(null, null);
            options.setSocketFactory(authority.sockets("gw-7"));
            options.setWill(
                    "tocsin/v1/up/0/gw-7/status", new MqttMessage(new byte[] {1}, 1, false, new MqttProperties()));
            options.setWillMessageProperties(new MqttProperties());
            client.connect(options);
            try (Client gateway = new Client(client)) {
                authority.revoke("gw-7");
                PrivateFile.write(identities.resolve("crl.pem"), authority.list());
                await().atMost(PATIENCE).until(() -> !gateway.isConnected());
            }
            await().atMost(PATIENCE).until(() -> heard.contains("tocsin/v1/up/0/gw-7/status"));
        }
    }

    @Test
    void aListThatIsDamagedOrForgedChangesNothing() throws Exception {
        authority.issueGateway("gw-7");
        authority.issueGateway("gw-8");
        authority.revoke("gw-7");
        Path list = identities.resolve("crl.pem");
        PrivateFile.write(list, authority.list());
        clock.by = Duration.ofSeconds(5);
        assertThat(refusal(() -> connect(authority.sockets("gw-7"), null, null)))
                .isEqualTo(BAD_PASSWORD);

        PrivateFile.write(list, "damaged");
        clock.by = Duration.ofSeconds(10);
        assertThat(refusal(() -> connect(authority.sockets("gw-7"), null, null)))
                .isEqualTo(BAD_PASSWORD);
        assertThat(refusal(() -> connect(authority.sockets("gw-8"), null, null)))
                .isZero();

        PrivateFile.write(list, new OpensslAuthority(temporary.resolve("other")).list());
        clock.by = Duration.ofSeconds(15);
        assertThat(refusal(() -> connect(authority.sockets("gw-7"), null, null)))
                .isEqualTo(BAD_PASSWORD);
        Files.delete(list);
        clock.by = Duration.ofSeconds(20);
        assertThat(refusal(() -> connect(authority.sockets("gw-7"), null, null)))
                .isEqualTo(BAD_PASSWORD);
    }

    @Test
    void aBrokerThatNeverCouldReadTheListLetsNoCertificateIn() throws Exception {
        authority.issueGateway("gw-7");
        PrivateFile.write(identities.resolve("crl.pem"), "damaged");
        clock.by = Duration.ofSeconds(5);
        assertThat(refusal(() -> connect(authority.sockets("gw-7"), null, null)))
                .isEqualTo(BAD_PASSWORD);
        assertThat(refusal(() -> connect("gw-1", password("gw-1")))).isZero();
    }

    @Test
    void aConnectionEndsWithItsCertificate() throws Exception {
        authority.issueGateway("gw-7");
        try (Client gateway = connect(authority.sockets("gw-7"), null, null)) {
            clock.by = Duration.ofDays(8);
            await().atMost(PATIENCE).until(() -> !gateway.isConnected());
        }
    }

    @Test
    void aRevokedGatewaysPasswordIsRefusedToo() throws Exception {
        try (Client gateway = connect("gw-1", password("gw-1"))) {
            PrivateFile.write(identities.resolve("revoked-gateways"), "gw-1\n");
            await().atMost(PATIENCE).until(() -> !gateway.isConnected());
        }
        assertThat(refusal(() -> connect("gw-1", password("gw-1")))).isEqualTo(BAD_PASSWORD);
    }

    @Test
    void aDeviceOfTheApiSpeaksForItselfUntilItsPasswordChanges() throws Exception {
        Path users = identities.resolve("device-users");
        PrivateFile.write(users, "sd-1 sensor " + PasswordHash.of("first") + "\n");
        clock.by = Duration.ofSeconds(5);
        try (Client device = connect("sd-1", "first")) {
            assertThat(published(device, "sensors/sd-1")).isEqualTo(UNHEARD);
            assertThat(published(device, "sensors/sd-2")).isEqualTo(NOT_AUTHORISED);

            PrivateFile.write(users, "sd-1 sensor " + PasswordHash.of("second") + "\n");
            await().atMost(PATIENCE).until(() -> !device.isConnected());
        }
        assertThat(refusal(() -> connect("sd-1", "first"))).isEqualTo(BAD_PASSWORD);
        assertThat(refusal(() -> connect("sd-1", "second"))).isZero();
        PrivateFile.write(users, "");
        clock.by = Duration.ofSeconds(60);
        assertThat(refusal(() -> connect("sd-1", "second"))).isEqualTo(BAD_PASSWORD);
    }

    @Test
    void aDeviceOfTheApiIsNeverAUserOfTheSite() throws Exception {
        PrivateFile.write(
                identities.resolve("device-users"),
                "gw-1 sensor " + PasswordHash.of("mine now") + "\nsd-1 sensor " + PasswordHash.of("mine") + "\n");
        clock.by = Duration.ofSeconds(5);
        assertThat(refusal(() -> connect("gw-1", "mine now"))).isEqualTo(BAD_PASSWORD);
        assertThat(refusal(() -> connect("gw-1", password("gw-1")))).isZero();
        assertThat(refusal(() -> connect("sd-1", "mine"))).isZero();

        PrivateFile.write(identities.resolve("device-users"), "sd-1 platform " + PasswordHash.of("mine") + "\n");
        clock.by = Duration.ofSeconds(10);
        try (Client device = connect("sd-1", "mine")) {
            assertThat(published(device, "tocsin/v1/alerts/town/1")).isEqualTo(NOT_AUTHORISED);
        }
    }

    @Test
    void aRenewedServerCertificateIsShownWithoutARestart() throws Exception {
        OpensslAuthority next = new OpensslAuthority(temporary.resolve("next"));
        next.issueGateway("gw-7");
        next.installServer(identities);

        await().atMost(PATIENCE).until(() -> refusal(() -> connect(next.sockets("gw-7"), null, null)) == 0);
    }

    @Test
    void withoutTheServersCertificateTheBrokerSaysWhatIsMissing() throws Exception {
        broker.close();
        Files.delete(identities.resolve("server.pem"));
        assertThatThrownBy(() -> broker = EmbeddedBroker.start(settings(identities.getParent()), clock, () -> {}))
                .hasMessageContaining("server.pem");
    }
}
