package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.wire.Topics;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.CoapServer;
import org.eclipse.californium.core.coap.CoAP;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConfig.DtlsRole;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.pskstore.AdvancedMultiPskStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** Devices that are CoAP servers: polled, observed, restarted. */
@Execution(ExecutionMode.CONCURRENT)
class AskedServersTest {
    private static final Duration SOON = Duration.ofSeconds(40);

    @TempDir
    Path folder;

    @RegisterExtension
    final OneBroker one = new OneBroker();

    private final Cloud cloud = one.cloud;
    private Path list;

    @BeforeEach
    void startBroker() throws Exception {
        list = folder.resolve("servers.yaml");
    }

    private void retainProfile(String questions) throws Exception {
        String yaml = """
                id: boiler
                version: 1
                name: {en: Boiler, zh: 锅炉}
                category: heat
                sources: {coap-client: [%s]}
                codec: {type: json, fields: [{metric: temperature, path: /temperature}]}
                metrics:
                  temperature: {unit: Cel, label: {en: Temperature, zh: 温度}, min: -40, max: 400}
                """.formatted(questions);
        cloud.retain(
                Topics.stateOfProfile("boiler"),
                Profile.parse(yaml, "boiler.yaml").toJson().getBytes(StandardCharsets.UTF_8));
    }

    private void writeList(String... entries) throws Exception {
        Files.writeString(list, "servers:\n" + String.join("\n", entries) + "\n");
    }

    private AgentUnderTest agent(String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(more));
        arguments.add("--coap.servers-file=" + list);
        return one.openAgent(folder.resolve("agent"), arguments.toArray(new String[0]));
    }

    private static String entry(String device, String address) {
        return "  - {device: " + device + ", address: \"" + address + "\", profile: boiler}";
    }

    private double newest(String device) {
        return cloud.bySequence.values().stream()
                .filter(reading -> reading.device().equals(device))
                .max((a, b) -> Long.compare(a.receivedAtMs(), b.receivedAtMs()))
                .map(reading -> reading.value())
                .orElse(Double.NaN);
    }

    @Test
    void aDeviceIsPolledAndSwitchingItOffIsCountedAndOnAgainFound() throws Exception {
        retainProfile("{path: temperature, every: 1s}");
        Boiler boiler = new Boiler(0, false, null);
        writeList(entry("boiler-1", "coap://127.0.0.1:" + boiler.port));
        try (AgentUnderTest agent = agent()) {
            await().atMost(SOON).until(() -> cloud.valuesOf("boiler-1").size() >= 2);
            boiler.stop();
            await().atMost(SOON).until(() -> agent.sum("tocsin_agent_coap_client_unanswered") == 1);
            Boiler again = new Boiler(boiler.port, false, null);
            again.heat(300);
            await().atMost(SOON).until(() -> newest("boiler-1") == 300);
            assertThat(agent.sum("tocsin_agent_coap_client_unanswered")).isZero();
            again.stop();
        }
    }

    @Test
    void anObservedDeviceTellsByItselfAndAfterItsRestartIsObservedAgain() throws Exception {
        retainProfile("{path: temperature, observe: true, every: 3s}");
        Boiler boiler = new Boiler(0, true, null);
        writeList(entry("boiler-1", "coap://127.0.0.1:" + boiler.port));
        try (AgentUnderTest agent = agent()) {
            await().atMost(SOON).until(() -> boiler.observers() == 1);
            int asked = boiler.asked.get();
            for (int celsius = 100; celsius < 105; celsius++) {
                int now = celsius;
                boiler.heat(now);
                await().atMost(SOON).until(() -> cloud.valuesOf("boiler-1").contains((double) now));
            }
            // Each notification reads the value once more; none of them was a question of the agent.
            assertThat(boiler.questions()).isLessThanOrEqualTo(asked + 2);
            boiler.stop();
            Boiler again = new Boiler(boiler.port, true, null);
            await().atMost(SOON).until(() -> again.observers() == 1);
            again.heat(222);
            await().atMost(SOON).until(() -> newest("boiler-1") == 222);
            again.stop();
        }
    }

    @Test
    void aDeviceThatCannotBeObservedIsPolled() throws Exception {
        retainProfile("{path: temperature, observe: true, every: 1s}");
        Boiler boiler = new Boiler(0, false, null);
        writeList(entry("boiler-1", "coap://127.0.0.1:" + boiler.port));
        try (AgentUnderTest agent = agent()) {
            await().atMost(SOON).until(() -> cloud.valuesOf("boiler-1").size() >= 3);
            boiler.stop();
        }
    }

    @Test
    void aNotificationThatWasOvertakenByANewerOneIsPassedOver() throws Exception {
        retainProfile("{path: temperature, observe: true, every: 1h}");
        try (ScriptedServer server = new ScriptedServer()) {
            writeList(entry("boiler-1", "coap://127.0.0.1:" + server.port()));
            try (AgentUnderTest agent = agent()) {
                server.awaitQuestion();
                server.answer(10, "20");
                await().atMost(SOON).until(() -> cloud.valuesOf("boiler-1").contains(20.0));
                server.answer(13, "23");
                await().atMost(SOON).until(() -> cloud.valuesOf("boiler-1").contains(23.0));
                server.answer(12, "22");
                server.answer(14, "24");
                await().atMost(SOON).until(() -> cloud.valuesOf("boiler-1").contains(24.0));
                assertThat(cloud.valuesOf("boiler-1")).containsExactly(20.0, 23.0, 24.0);
            }
        }
    }

    @Test
    void anAnswerWithMoreOptionsThanAnyMessageHasIsNoneAndCounted() throws Exception {
        retainProfile("{path: temperature, every: 1s}");
        Boiler boiler = new Boiler(0, false, null);
        boiler.tags = 300;
        writeList(entry("boiler-1", "coap://127.0.0.1:" + boiler.port));
        try (AgentUnderTest agent = agent()) {
            await().atMost(SOON).until(() -> agent.sum("tocsin_agent_coap_malformed_datagrams_total") >= 1);
            assertThat(cloud.valuesOf("boiler-1")).isEmpty();
            boiler.tags = 1;
            await().atMost(SOON).until(() -> cloud.valuesOf("boiler-1").contains(60.0));
        }
        boiler.stop();
    }

    @Test
    void aDeviceIsAskedOverDtlsWithItsKeyAndNotBelievedWithout() throws Exception {
        retainProfile("{path: temperature, every: 1s}");
        Path credentials = Files.createFile(
                folder.resolve("credentials"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(
                credentials,
                "b1,30313233343536373839616263646566,boiler-1\nb2,30313233343536373839616263646566,boiler-2\n");
        Boiler secure = new Boiler(0, false, Map.of("b1", "0123456789abcdef"));
        Boiler plain = new Boiler(0, false, null);
        writeList(
                entry("boiler-1", "coaps://127.0.0.1:" + secure.port),
                entry("boiler-2", "coap://127.0.0.1:" + plain.port));
        try (AgentUnderTest agent = agent("--coap.credentials-file=" + credentials)) {
            await().atMost(SOON).untilAsserted(() -> {
                assertThat(cloud.valuesOf("boiler-1")).isNotEmpty();
                assertThat(cloud.rejected).anyMatch(json -> json.contains("UNAUTHENTICATED"));
            });
            assertThat(cloud.valuesOf("boiler-2")).isEmpty();
        }
        secure.stop();
        plain.stop();
    }

    @Test
    void theListIsReadAgainWhenItChangesAndABadEntryHurtsNoOther() throws Exception {
        retainProfile("{path: temperature, every: 1s}");
        Boiler boiler = new Boiler(0, false, null);
        writeList("  - {device: boiler-9, address: \"http://127.0.0.1\"}");
        try (AgentUnderTest agent = agent()) {
            assertThat(agent.sum("tocsin_agent_coap_client_questions")).isZero();
            writeList(
                    "  - {device: boiler-9, address: \"coap://127.0.0.1/path\"}",
                    entry("boiler-1", "coap://127.0.0.1:" + boiler.port));
            await().atMost(SOON).until(() -> !cloud.valuesOf("boiler-1").isEmpty());
            assertThat(agent.sum("tocsin_agent_coap_client_questions")).isEqualTo(1);
            writeList(entry("boiler-2", "coap://127.0.0.1:" + boiler.port));
            await().atMost(SOON).until(() -> !cloud.valuesOf("boiler-2").isEmpty());
            assertThat(agent.sum("tocsin_agent_coap_client_questions")).isEqualTo(1);
        }
        boiler.stop();
    }

    /** A device with one resource; by Californium. */
    private static final class Boiler {
        final int port;
        final AtomicInteger asked = new AtomicInteger();
        private final CoapServer server;
        private final CoapResource temperature;
        private volatile int celsius = 60;
        /** Entity tags of an answer. */
        volatile int tags;

        private final AtomicInteger told = new AtomicInteger();

        Boiler(int wantedPort, boolean observable, Map<String, String> keys) throws Exception {
            // Registers what the configuration needs.
            CoapDevice.plain().close();
            Configuration configuration = new Configuration().set(DtlsConfig.DTLS_ROLE, DtlsRole.SERVER_ONLY);
            InetSocketAddress address = new InetSocketAddress(InetAddress.getLoopbackAddress(), wantedPort);
            CoapEndpoint.Builder endpoint = CoapEndpoint.builder().setConfiguration(configuration);
            if (keys == null) {
                endpoint.setInetSocketAddress(address);
            } else {
                AdvancedMultiPskStore store = new AdvancedMultiPskStore();
                new HashMap<>(keys)
                        .forEach((identity, key) -> store.setKey(identity, key.getBytes(StandardCharsets.US_ASCII)));
                endpoint.setConnector(new DTLSConnector(DtlsConnectorConfig.builder(configuration)
                        .setAddress(address)
                        .setAdvancedPskStore(store)
                        .build()));
            }
            temperature = new CoapResource("temperature") {
                @Override
                public void handleGET(CoapExchange exchange) {
                    asked.incrementAndGet();
                    Response answer = new Response(CoAP.ResponseCode.CONTENT);
                    answer.getOptions().setMaxAge(600);
                    for (int i = 0; i < tags; i++) {
                        answer.getOptions().addETag(new byte[] {(byte) (i >> 8), (byte) i});
                    }
                    answer.setPayload(String.valueOf(celsius));
                    exchange.respond(answer);
                }
            };
            temperature.setObservable(observable);
            temperature.setObserveType(CoAP.Type.CON);
            server = new CoapServer(configuration);
            server.addEndpoint(endpoint.build());
            server.add(temperature);
            server.start();
            port = server.getEndpoints().get(0).getAddress().getPort();
        }

        void heat(int newCelsius) {
            celsius = newCelsius;
            told.incrementAndGet();
            temperature.changed();
        }

        int observers() {
            return temperature.getObserverCount();
        }

        /** Without the readings that notifications make. */
        int questions() {
            return asked.get() - told.get();
        }

        void stop() {
            server.destroy();
        }
    }

    /** A device that notifies in an order that a network made: one datagram after the other, written here. */
    private static final class ScriptedServer implements AutoCloseable {
        private final DatagramSocket socket = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        private DatagramPacket question;
        private int messageId = 1000;
        private boolean answered;

        ScriptedServer() throws Exception {}

        int port() {
            return socket.getLocalPort();
        }

        void awaitQuestion() throws Exception {
            question = new DatagramPacket(new byte[1500], 1500);
            socket.setSoTimeout(20_000);
            socket.receive(question);
        }

        /** The first one piggybacked, the others as notifications that are not confirmable. */
        void answer(int observe, String body) throws Exception {
            byte[] asked = question.getData();
            int tokenLength = asked[0] & 0x0F;
            byte[] text = body.getBytes(StandardCharsets.US_ASCII);
            byte[] datagram = new byte[4 + tokenLength + 2 + 1 + 1 + text.length];
            datagram[0] = (byte) ((answered ? 0x50 : 0x60) | tokenLength);
            datagram[1] = 0x45;
            int id = answered ? ++messageId : (asked[2] & 0xFF) << 8 | asked[3] & 0xFF;
            datagram[2] = (byte) (id >> 8);
            datagram[3] = (byte) id;
            System.arraycopy(asked, 4, datagram, 4, tokenLength);
            int at = 4 + tokenLength;
            // Observe (6), one byte; Content-Format (12), empty: text.
            datagram[at++] = 0x61;
            datagram[at++] = (byte) observe;
            datagram[at++] = 0x60;
            datagram[at++] = (byte) 0xFF;
            System.arraycopy(text, 0, datagram, at, text.length);
            socket.send(new DatagramPacket(datagram, datagram.length, question.getSocketAddress()));
            answered = true;
        }

        @Override
        public void close() {
            socket.close();
        }
    }
}
