package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.eclipse.californium.core.CoapResponse;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Devices with credentials of their own, against a whole agent. */
@Execution(ExecutionMode.CONCURRENT)
class DtlsTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String KEY = "0123456789abcdef";
    private static final String OTHER_KEY = "fedcba9876543210";

    @TempDir
    Path folder;

    @RegisterExtension
    final OneBroker one = new OneBroker();

    private final Cloud cloud = one.cloud;
    private Path credentials;

    @BeforeEach
    void startBroker() throws Exception {
        credentials = folder.resolve("credentials");
        Files.createFile(
                credentials, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        write(line("id-a", KEY, "room-a"), line("id-b", OTHER_KEY, "room-b"));
    }

    private static String line(String identity, String key, String device) {
        return identity + "," + HexFormat.of().formatHex(key.getBytes(StandardCharsets.US_ASCII)) + "," + device;
    }

    private void write(String... lines) throws Exception {
        Files.writeString(credentials, String.join("\n", lines) + "\n");
    }

    private AgentUnderTest agent(String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(more));
        arguments.add("--coap.credentials-file=" + credentials);
        return one.openAgent(folder.resolve("agent"), arguments.toArray(new String[0]));
    }

    private static String temperature(double celsius) {
        return "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":" + celsius + "}]";
    }

    @Test
    void aDeviceWithItsKeySpeaksForItself() throws Exception {
        try (AgentUnderTest agent = agent();
                CoapDevice device = CoapDevice.withKey("id-a", KEY, true)) {
            assertThat(device.post(agent.coapsPort, "sensors/room-a", temperature(21))
                            .getCode())
                    .isEqualTo(ResponseCode.CHANGED);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(cloud.valuesOf("room-a")).containsExactly(21.0));
            assertThat(agent.sum("tocsin_agent_dtls_handshakes_total")).isEqualTo(1);
            assertThat(agent.sum("tocsin_agent_dtls_sessions")).isEqualTo(1);
        }
    }

    @Test
    void aDeviceWithItsKeyMaySendNoMoreOptionsThanAnybody() throws Exception {
        try (AgentUnderTest agent = agent();
                CoapDevice device = CoapDevice.withKey("id-a", KEY, true)) {
            Request request = Request.newPost();
            request.setURI("coaps://127.0.0.1:" + agent.coapsPort + "/sensors/room-a");
            request.setPayload(temperature(21));
            for (int i = 0; i < 300; i++) {
                request.getOptions().addUriQuery("");
            }

            CoapResponse response = device.send(request);

            assertThat(response.getCode()).isEqualTo(ResponseCode.BAD_OPTION);
            assertThat(response.getResponseText()).isEqualTo("more than 64 options");
            await().atMost(SOON).until(() -> agent.sum("tocsin_agent_coap_malformed_datagrams_total") == 1);
            assertThat(device.post(agent.coapsPort, "sensors/room-a", temperature(21))
                            .getCode())
                    .isEqualTo(ResponseCode.CHANGED);
        }
    }

    @Test
    void aDeviceMayNotSpeakForAnother() throws Exception {
        try (AgentUnderTest agent = agent();
                CoapDevice device = CoapDevice.withKey("id-a", KEY, true)) {
            CoapResponse response = device.post(agent.coapsPort, "sensors/room-b", temperature(99));
            assertThat(response.getCode()).isEqualTo(ResponseCode.FORBIDDEN);
            assertThat(response.getResponseText()).contains("id-a", "room-a", "room-b");
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(cloud.rejected)
                            .singleElement()
                            .asString()
                            .contains("NOT_ENTITLED", "\"device\":\"room-b\""));
            assertThat(device.post(agent.coapsPort, "sensors/room-c", temperature(99))
                            .getCode())
                    .isEqualTo(ResponseCode.FORBIDDEN);
        }
        assertThat(cloud.bySequence.values())
                .noneMatch(reading -> reading.metric().equals("temperature"));
        assertThat(cloud.alerts).isEmpty();
    }

    @Test
    void aDeviceThatHasCredentialsIsNotBelievedWithoutThemAndOthersStillAre() throws Exception {
        try (AgentUnderTest agent = agent();
                CoapDevice device = CoapDevice.plain()) {
            assertThat(device.post(agent.coapPort, "sensors/room-a", temperature(99))
                            .getCode())
                    .isEqualTo(ResponseCode.UNAUTHORIZED);
            assertThat(device.post(agent.coapPort, "sensors/room-c", temperature(20))
                            .getCode())
                    .isEqualTo(ResponseCode.CHANGED);
            await().atMost(SOON).untilAsserted(() -> {
                assertThat(cloud.rejected).singleElement().asString().contains("UNAUTHENTICATED");
                assertThat(cloud.valuesOf("room-c")).containsExactly(20.0);
            });
            assertThat(cloud.valuesOf("room-a")).isEmpty();
        }
    }

    @Test
    void whoeverNobodyKnowsIsRefusedCountedAndListedOnce() throws Exception {
        try (AgentUnderTest agent = agent();
                CoapDevice stranger =
                        CoapDevice.withKey("who is this", KEY, true).impatient()) {
            assertThat(refusedBy(agent, stranger, "sensors/room-a")).isTrue();
            await().atMost(SOON).untilAsserted(() -> {
                assertThat(agent.sum("tocsin_agent_dtls_refused_handshakes_total{reason=\"unknown_identity\""))
                        .isPositive();
                assertThat(agent.sum("tocsin_agent_dtls_refused_handshakes_total{reason=\"timeout\""))
                        .isZero();
                assertThat(cloud.seen)
                        .singleElement()
                        .asString()
                        .contains("\"device\":\"who-is-this.", "\"accepted\":false");
            });
        }
    }

    @Test
    void aWrongKeyIsRefusedAndCounted() throws Exception {
        try (AgentUnderTest agent = agent();
                CoapDevice thief = CoapDevice.withKey("id-a", OTHER_KEY, true).impatient()) {
            assertThat(refusedBy(agent, thief, "sensors/room-a")).isTrue();
            await().atMost(Duration.ofSeconds(90))
                    .untilAsserted(() -> assertThat(
                                    agent.sum("tocsin_agent_dtls_refused_handshakes_total{reason=\"wrong_key\""))
                            .isEqualTo(1));
            assertThat(agent.sum("tocsin_agent_dtls_handshakes_total")).isZero();
        }
    }

    private static boolean refusedBy(AgentUnderTest agent, CoapDevice device, String path) {
        try {
            return device.post(agent.coapsPort, path, temperature(99)) == null;
        } catch (Exception e) {
            return true;
        }
    }

    @Test
    void aKeyThatIsTakenAwayEndsItsSessionAndANewOneIsInForceWithoutARestart() throws Exception {
        try (AgentUnderTest agent = agent();
                CoapDevice before = CoapDevice.withKey("id-a", KEY, true).impatient();
                CoapDevice after = CoapDevice.withKey("id-a2", OTHER_KEY, true);
                CoapDevice other = CoapDevice.withKey("id-b", OTHER_KEY, true)) {
            assertThat(before.post(agent.coapsPort, "sensors/room-a", temperature(1))
                            .isSuccess())
                    .isTrue();
            assertThat(other.post(agent.coapsPort, "sensors/room-b", temperature(1))
                            .isSuccess())
                    .isTrue();
            write("# room-a has a new key", line("id-a2", OTHER_KEY, "room-a"), line("id-b", OTHER_KEY, "room-b"));
            await().atMost(SOON).until(() -> agent.sum("tocsin_agent_dtls_sessions") == 1);
            assertThat(after.post(agent.coapsPort, "sensors/room-a", temperature(2))
                            .isSuccess())
                    .isTrue();
            assertThat(refusedBy(agent, before, "sensors/room-a")).isTrue();
            assertThat(other.post(agent.coapsPort, "sensors/room-b", temperature(2))
                            .isSuccess())
                    .isTrue();
            await().atMost(SOON).untilAsserted(() -> {
                assertThat(cloud.valuesOf("room-a")).containsExactly(1.0, 2.0);
                assertThat(cloud.valuesOf("room-b")).containsExactly(1.0, 2.0);
            });
        }
    }

    @Test
    void withPlainCoapSwitchedOffOnlyDtlsAnswers() throws Exception {
        try (AgentUnderTest agent = agent("--coap.plain=false");
                CoapDevice device = CoapDevice.withKey("id-a", KEY, true)) {
            assertThat(agent.coapPort).isZero();
            assertThat(device.post(agent.coapsPort, "sensors/room-a", temperature(21))
                            .isSuccess())
                    .isTrue();
        }
    }

    @Test
    void aCertificateOfTheRightAuthoritySpeaksForItsCommonName() throws Exception {
        Certificates authority = new Certificates(folder.resolve("ca"), "Site");
        Certificates.Identity gateway = authority.issue("gw-1");
        String[] identity = {
            "--coap.dtls.certificate-file=" + gateway.writeCertificate(folder.resolve("gw.pem")),
            "--coap.dtls.key-file=" + gateway.writeKey(folder.resolve("gw.key")),
            "--coap.dtls.ca-file=" + authority.write(folder.resolve("ca.pem"))
        };
        write(line("id-a", KEY, "room-a"), "meter 7,certificate,room-m");
        Certificates elsewhere = new Certificates(folder.resolve("other-ca"), "Elsewhere");
        try (AgentUnderTest agent = agent(identity);
                CoapDevice hall = CoapDevice.withCertificate(authority.issue("hall-3"), authority);
                CoapDevice meter = CoapDevice.withCertificate(authority.issue("meter 7"), authority);
                CoapDevice namedAsIdentity = CoapDevice.withCertificate(authority.issue("id-a"), authority);
                CoapDevice namedAsDevice = CoapDevice.withCertificate(authority.issue("room-a"), authority);
                CoapDevice forger = CoapDevice.withCertificate(elsewhere.issue("hall-4"), authority);
                CoapDevice keyed = CoapDevice.withKey("id-a", KEY, true)) {
            assertThat(hall.post(agent.coapsPort, "sensors/hall-3", temperature(21))
                            .isSuccess())
                    .isTrue();
            assertThat(hall.post(agent.coapsPort, "sensors/hall-4", temperature(21))
                            .getCode())
                    .isEqualTo(ResponseCode.FORBIDDEN);
            assertThat(meter.post(agent.coapsPort, "sensors/room-m", temperature(21))
                            .isSuccess())
                    .isTrue();
            assertThat(keyed.post(agent.coapsPort, "sensors/room-a", temperature(21))
                            .isSuccess())
                    .isTrue();
            for (CoapDevice named : List.of(namedAsIdentity, namedAsDevice)) {
                assertThat(named.post(agent.coapsPort, "sensors/room-a", temperature(21))
                                .getCode())
                        .as("a certificate is not the key that room-a has")
                        .isEqualTo(ResponseCode.FORBIDDEN);
            }
            assertThat(refusedBy(agent, forger, "sensors/hall-4")).isTrue();
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(
                                    agent.sum("tocsin_agent_dtls_refused_handshakes_total{reason=\"certificate\""))
                            .isEqualTo(1));
        }
    }

    @Test
    void aDeviceWhosePortChangesGoesOnWithoutAHandshake() throws Exception {
        try (AgentUnderTest agent = agent();
                Nat nat = new Nat(agent.coapsPort);
                CoapDevice device = CoapDevice.withKey("id-a", KEY, true)) {
            for (int i = 1; i <= 5; i++) {
                assertThat(device.post(nat.port(), "sensors/room-a", temperature(i))
                                .getCode())
                        .isEqualTo(ResponseCode.CHANGED);
                nat.rebind();
            }
            assertThat(agent.sum("tocsin_agent_dtls_handshakes_total")).isEqualTo(1);
            assertThat(agent.sum("tocsin_agent_dtls_sessions")).isEqualTo(1);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(cloud.valuesOf("room-a")).hasSize(5));
        }
    }

    @Test
    void withoutAConnectionIdADeviceWhosePortChangesIsNotHeard() throws Exception {
        try (AgentUnderTest agent = agent("--coap.dtls.connection-id=false");
                Nat nat = new Nat(agent.coapsPort);
                CoapDevice device = CoapDevice.withKey("id-a", KEY, true).impatient()) {
            assertThat(device.post(nat.port(), "sensors/room-a", temperature(1)).getCode())
                    .isEqualTo(ResponseCode.CHANGED);
            nat.rebind();
            assertThat(device.post(nat.port(), "sensors/room-a", temperature(2)))
                    .isNull();
        }
    }

    @Test
    void ofMoreSessionsThanAreKeptTheOneLongestUnusedMakesRoom() throws Exception {
        try (AgentUnderTest agent = agent("--coap.dtls.sessions=1");
                CoapDevice first = CoapDevice.withKey("id-a", KEY, true);
                CoapDevice second = CoapDevice.withKey("id-b", OTHER_KEY, true)) {
            assertThat(first.post(agent.coapsPort, "sensors/room-a", temperature(1))
                            .isSuccess())
                    .isTrue();
            await().atMost(SOON).until(() -> !refusedBy(agent, second, "sensors/room-b"));
            assertThat(agent.sum("tocsin_agent_dtls_sessions")).isEqualTo(1);
        }
    }
}
