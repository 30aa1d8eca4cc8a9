package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.CoapResponse;
import org.eclipse.californium.core.coap.BlockOption;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The agent's CoAP server, by clients of two implementations: Californium and libcoap. */
@Execution(ExecutionMode.CONCURRENT)
class CoapTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final int SENML_CBOR = 112;
    private static final String KEY = "0123456789abcdef";

    @TempDir
    Path folder;

    @RegisterExtension
    final OneBroker one = new OneBroker();

    private final Cloud cloud = one.cloud;

    private AgentUnderTest agent(String... more) throws Exception {
        return one.openAgent(folder.resolve("agent"), more);
    }

    private Path credentials(String text) throws Exception {
        Path file = Files.createFile(
                folder.resolve("credentials"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, text);
    }

    /** A pack of as many temperatures as make it so long, each a second after the one before. */
    private static byte[] pack(int bytes) {
        StringBuilder pack = new StringBuilder("[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":20}");
        for (int i = 1; pack.length() + 60 < bytes; i++) {
            pack.append(",{\"n\":\"temperature\",\"u\":\"Cel\",\"t\":-")
                    .append(i)
                    .append(",\"v\":20}");
        }
        while (pack.length() + 1 < bytes) {
            pack.append(' ');
        }
        return pack.append(']').toString().getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void aMessageThatIsNotConfirmableIsTakenAndAnsweredLikeAnyOther() throws Exception {
        try (AgentUnderTest agent = agent();
                CoapDevice device = CoapDevice.plain()) {
            byte[] payload = "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":21}]".getBytes(StandardCharsets.UTF_8);
            CoapResponse response =
                    device.post(agent.coapPort, "sensors/room-n", payload, CoapDevice.SENML_JSON, false);
            assertThat(response.getCode()).isEqualTo(ResponseCode.CHANGED);
            assertThat(response.advanced().isConfirmable()).isFalse();
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(cloud.valuesOf("room-n")).containsExactly(21.0));
        }
    }

    @Test
    void aBodyInBlocksIsTakenUpToItsBoundAndRefusedBeyond() throws Exception {
        try (AgentUnderTest agent = agent();
                CoapDevice device = CoapDevice.plain()) {
            for (int bytes : new int[] {4 * 1024, 64 * 1024}) {
                byte[] body = bytes > 10_000 ? spaced(bytes) : pack(bytes);
                assertThat(body).hasSize(bytes);
                assertThat(device.post(agent.coapPort, "sensors/room-" + bytes, body, 110, true)
                                .getCode())
                        .isEqualTo(ResponseCode.CHANGED);
            }
            await().atMost(SOON).untilAsserted(() -> {
                assertThat(cloud.valuesOf("room-4096")).hasSizeGreaterThan(80);
                assertThat(cloud.valuesOf("room-65536")).hasSize(1);
            });
            assertThat(device.post(agent.coapPort, "sensors/room-x", spaced(64 * 1024 + 1), 110, true)
                            .getCode())
                    .isEqualTo(ResponseCode.REQUEST_ENTITY_TOO_LARGE);
        }
    }

    private static byte[] spaced(int bytes) {
        String pack = "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":20}]";
        return (pack + " ".repeat(bytes - pack.length())).getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void transfersThatAreBegunAndNotGoneOnWithTakeABoundedPlace() throws Exception {
        try (AgentUnderTest agent = agent()) {
            List<CoapDevice> idle = new ArrayList<>();
            try {
                for (int i = 0; i < 32; i++) {
                    CoapDevice device = CoapDevice.byHand();
                    idle.add(device);
                    assertThat(device.send(block(agent.coapPort, 0, "b" + i)).getCode())
                            .isEqualTo(ResponseCode.CONTINUE);
                }
                CoapDevice late = CoapDevice.byHand();
                idle.add(late);
                assertThat(late.send(block(agent.coapPort, 0, "late")).getCode())
                        .isEqualTo(ResponseCode.CONTINUE);
                assertThat(late.send(block(agent.coapPort, 1, "late")).getCode())
                        .isEqualTo(ResponseCode.REQUEST_ENTITY_INCOMPLETE);
                assertThat(late.post(agent.coapPort, "sensors/late", "[{\"n\":\"temperature\",\"v\":20}]")
                                .getCode())
                        .isEqualTo(ResponseCode.CHANGED);
                assertThat(idle.get(0).send(block(agent.coapPort, 1, "b0")).getCode())
                        .isEqualTo(ResponseCode.CONTINUE);
            } finally {
                idle.forEach(CoapDevice::close);
            }
        }
    }

    private static Request block(int port, int number, String device) {
        Request request = Request.newPost();
        request.setURI("coap://127.0.0.1:" + port + "/sensors/" + device);
        request.getOptions().setContentFormat(110).setBlock1(BlockOption.size2Szx(64), true, number);
        request.setPayload(new byte[64]);
        return request;
    }

    /** Any client can say what it likes of options; each byte of them would become objects of hundreds. */
    @Test
    void aDatagramWithMoreOptionsThanAnyMessageHasIsRefusedAndCountedAndTheNextMessageTaken() throws Exception {
        byte[] empties = new byte[300];
        empties[0] = (byte) 0xb0;
        try (AgentUnderTest agent = agent();
                DatagramSocket rude = new DatagramSocket();
                CoapDevice device = CoapDevice.plain()) {
            rude.connect(InetAddress.getLoopbackAddress(), agent.coapPort);
            rude.setSoTimeout((int) SOON.toMillis());
            // Not confirmable: passed over.
            send(rude, new byte[] {0x50, 0x02, 0, 1}, empties);
            // No request: reset.
            send(rude, new byte[] {0x40, 0x45, 0, 2}, empties);
            assertThat(receive(rude)).containsExactly(0x70, 0x00, 0, 2);
            send(rude, new byte[] {0x40, 0x02, 0, 3}, empties);
            byte[] refusal = receive(rude);
            assertThat(Arrays.copyOf(refusal, 4)).containsExactly(0x60, ResponseCode.BAD_OPTION.value, 0, 3);
            assertThat(new String(refusal, StandardCharsets.UTF_8)).endsWith("more than 64 options");
            await().atMost(SOON).until(() -> agent.sum("tocsin_agent_coap_malformed_datagrams_total") == 3);
            assertThat(device.post(agent.coapPort, "sensors/room-o", "[{\"n\":\"temperature\",\"v\":20}]")
                            .getCode())
                    .isEqualTo(ResponseCode.CHANGED);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(cloud.valuesOf("room-o")).containsExactly(20.0));
        }
    }

    /** The library let it end the task with a stack trace in the log and no answer. */
    @Test
    void aPayloadThatItsBlockCannotHoldIsABadRequest() throws Exception {
        byte[] block = {(byte) 0xd1, 0x0e, 0x08, (byte) 0xff};
        try (AgentUnderTest agent = agent();
                DatagramSocket rude = new DatagramSocket()) {
            rude.connect(InetAddress.getLoopbackAddress(), agent.coapPort);
            rude.setSoTimeout((int) SOON.toMillis());
            send(rude, new byte[] {0x40, 0x02, 0, 4}, Arrays.copyOf(block, block.length + 17));

            assertThat(Arrays.copyOf(receive(rude), 4)).containsExactly(0x60, ResponseCode.BAD_REQUEST.value, 0, 4);
            await().atMost(SOON).until(() -> agent.sum("tocsin_agent_coap_malformed_datagrams_total") == 1);
        }
    }

    private static void send(DatagramSocket socket, byte[] header, byte[] rest) throws Exception {
        byte[] bytes = Arrays.copyOf(header, header.length + rest.length);
        System.arraycopy(rest, 0, bytes, header.length, rest.length);
        socket.send(new DatagramPacket(bytes, bytes.length));
    }

    private static byte[] receive(DatagramSocket socket) throws Exception {
        DatagramPacket packet = new DatagramPacket(new byte[2_048], 2_048);
        socket.receive(packet);
        return Arrays.copyOf(packet.getData(), packet.getLength());
    }

    @Test
    void discoveryNamesWhoReadsWhatIsPostedWhere() throws Exception {
        try (AgentUnderTest agent = agent();
                CoapDevice device = CoapDevice.plain()) {
            String links = device.get(agent.coapPort, ".well-known/core").getResponseText();
            assertThat(links).contains("title=\"sensors/{device}\"", "tocsin.senml-room", "tocsin.heat-en54-a1r");
            assertThat(device.get(agent.coapPort, ".well-known/core?rt=tocsin.senml-room")
                            .getResponseText())
                    .contains("sensors/{device}");
            assertThat(device.get(agent.coapPort, ".well-known/core?rt=nobody").getResponseText())
                    .isEmpty();
        }
    }

    @Test
    void beyondItsRateASenderIsToldToWaitButAnAlarmIsTaken() throws Exception {
        try (AgentUnderTest agent = agent("--rate.messages=1", "--rate.burst=2");
                CoapDevice device = CoapDevice.plain()) {
            List<CoapResponse> answers = new ArrayList<>();
            for (int i = 0; i < 6; i++) {
                answers.add(device.post(
                        agent.coapPort, "sensors/room-r", "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":2" + i + "}]"));
            }
            CoapResponse refused = answers.stream()
                    .filter(answer -> answer.getCode() == ResponseCode.TOO_MANY_REQUESTS)
                    .findFirst()
                    .orElseThrow();
            assertThat(refused.getOptions().getMaxAge()).isEqualTo(1);
            assertThat(device.post(agent.coapPort, "sensors/room-r", "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":90}]")
                            .getCode())
                    .isEqualTo(ResponseCode.CHANGED);
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(cloud.valuesOf("room-r")).contains(90.0));
            assertThat(agent.sum("tocsin_agent_rate_exceeded_messages_total{outcome=\"shed\",protocol=\"coap\""))
                    .isPositive();
        }
    }

    @Test
    void overMqttNothingIsLostAndWhatIsBeyondTheRateIsKeptAsRejected() throws Exception {
        try (AgentUnderTest agent = agent("--rate.messages=1", "--rate.burst=2")) {
            await().atMost(SOON).until(() -> agent.sum("tocsin_agent_field_connected") == 1);
            for (int i = 0; i < 8; i++) {
                cloud.publish("sensors/room-m", "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":2" + i + "}]");
            }
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(cloud.valuesOf("room-m").size() + cloud.rejected.size())
                            .isEqualTo(8));
            assertThat(cloud.rejected).isNotEmpty().allMatch(json -> json.contains("RATE"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"coap-client-openssl", "coap-client-gnutls"})
    void libcoapPostsSenMlInCborWithItsKey(String name) throws Exception {
        Path program = Libcoap.first(name);
        assumeTrue(program != null, name + " is not installed");
        String file = "lib,30313233343536373839616263646566,room-l\n";
        try (AgentUnderTest agent = agent("--coap.credentials-file=" + credentials(file))) {
            // [{n: "temperature", u: "Cel", v: 23}]
            byte[] cbor = {
                (byte) 0x81,
                (byte) 0xA3,
                0x00,
                0x6B,
                't',
                'e',
                'm',
                'p',
                'e',
                'r',
                'a',
                't',
                'u',
                'r',
                'e',
                0x01,
                0x63,
                'C',
                'e',
                'l',
                0x02,
                0x17
            };
            Path body = Files.write(folder.resolve("pack.cbor"), cbor);
            Libcoap.run(
                    program,
                    "-v",
                    "3",
                    "-m",
                    "post",
                    "-t",
                    String.valueOf(SENML_CBOR),
                    "-f",
                    body.toString(),
                    "-u",
                    "lib",
                    "-k",
                    KEY,
                    "coaps://127.0.0.1:" + agent.coapsPort + "/sensors/room-l");
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(cloud.valuesOf("room-l")).containsExactly(23.0));
            assertThat(agent.sum("tocsin_agent_dtls_handshakes_total")).isEqualTo(1);
        }
    }

    @Test
    void libcoapSendsFourKibibytesInBlocks() throws Exception {
        Path program = Libcoap.plain();
        assumeTrue(program != null, "coap-client is not installed");
        try (AgentUnderTest agent = agent()) {
            Path body = Files.write(folder.resolve("pack.json"), pack(4 * 1024));
            for (String size : new String[] {"64", "1024"}) {
                Libcoap.run(
                        program,
                        "-m",
                        "post",
                        "-t",
                        "110",
                        "-b",
                        size,
                        "-f",
                        body.toString(),
                        "coap://127.0.0.1:" + agent.coapPort + "/sensors/room-b" + size);
            }
            await().atMost(SOON).untilAsserted(() -> {
                assertThat(cloud.valuesOf("room-b64")).hasSizeGreaterThan(80);
                assertThat(cloud.valuesOf("room-b1024")).hasSizeGreaterThan(80);
            });
        }
    }

    /** Debian's package libcoap3-bin. */
    private static final class Libcoap {
        private static Path plain() {
            return first("coap-client-notls", "coap-client-openssl", "coap-client-gnutls");
        }

        private static Path first(String... names) {
            for (String name : names) {
                Path program = Path.of("/usr/bin", name);
                if (Files.isExecutable(program)) {
                    return program;
                }
            }
            return null;
        }

        private static void run(Path program, String... arguments) throws Exception {
            List<String> command = new ArrayList<>(List.of(program.toString(), "-B", "20"));
            command.addAll(List.of(arguments));
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(said).doesNotContain("4.", "5.0", "ERR");
        }
    }
}
