package dev.tocsin.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.agent.link.Tls;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.reading.Rejected;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A field broker passes on what the MQTT client dies of: one sensor must not end its gateway. */
class UnreadableMessagesTest {
    private static final Duration SOON = Duration.ofSeconds(30);
    private static final String UPLINK = "tocsin-uplink-gw-1";
    private static final String FIELD = "tocsin-agent-gw-1-field";

    @TempDir
    Path folder;

    @Test
    void whatTheClientCannotReadIsRejectedOrReadWithoutItAndTheNextReadingIsTaken() throws Exception {
        try (SlowBroker field = new SlowBroker()) {
            assertEachIsTakenAndAcknowledged(field, "--enrolment=open");
        }
    }

    @Test
    void overTlsAsWell() throws Exception {
        TestPki site = new TestPki(folder.resolve("site"));
        TestPki.Identity own = site.issue("broker", "ip:127.0.0.1", "EC");
        Tls tls = new Tls(null, own.certificate(), own.key());
        try (SlowBroker field = new SlowBroker("ssl", tls.context().getServerSocketFactory())) {
            assertEachIsTakenAndAcknowledged(field, "--enrolment=open", "--field.broker.trust-file=" + site.trust());
        }
    }

    /** What the broker says of itself is not mended: a text in its PUBACK ends the thread that receives. */
    @Test
    void whenAThreadOfTheClientDiesItsConnectionIsMadeAnewAndTheProcessLives() throws Exception {
        try (SlowBroker field = new SlowBroker();
                SlowBroker uplink = new SlowBroker();
                AgentProcess agent = new AgentProcess(
                        folder, "-Xmx48m", "--field.broker.url=" + field.url(), "--broker.url=" + uplink.url())) {
            await().atMost(SOON).until(() -> uplink.hears(UPLINK));
            uplink.say(UPLINK, HexFormat.of().parseHex("40080001" + "00" + "041f000101"));
            // Twice the keep-alive of the uplink.
            await().atMost(Duration.ofSeconds(60))
                    .untilAsserted(() -> assertThat(uplink.clients)
                            .filteredOn(UPLINK::equals)
                            .hasSize(2));
            assertThat(agent.process.isAlive()).isTrue();
            assertThat(agent.said()).contains("thread MQTT Rec: " + UPLINK + " of the MQTT client died");
        }
    }

    private void assertEachIsTakenAndAcknowledged(SlowBroker field, String... settings) throws Exception {
        try (TestBroker uplink = new TestBroker();
                Cloud cloud = new Cloud(uplink.url());
                AgentUnderTest agent =
                        new AgentUnderTest(folder.resolve("agent"), field.url(), uplink.url(), settings)) {
            await().atMost(SOON).until(() -> field.hears(FIELD));
            field.say(
                    FIELD,
                    join(
                            publish(1, "sensors/hall\u0001", "", reading(1)),
                            publish(2, "sensors/hall", property(38, "note", "tab\there"), reading(2)),
                            publish(3, "sensors/hall", property(3, "a") + property(3, "b"), reading(3)),
                            publish(4, "sensors/hall", property(9, "x".repeat(40_000)), reading(4)),
                            publish(5, "sensors/hall", "~?", reading(5)),
                            publish(6, "sensors/hall", "", reading(6))));
            await().atMost(SOON)
                    .untilAsserted(() -> assertThat(field.acknowledged).containsExactly(1, 2, 3, 4, 5, 6));
            await().atMost(SOON).untilAsserted(() -> {
                assertThat(cloud.valuesOf("hall")).containsExactly(2.0, 3.0, 4.0, 6.0);
                assertThat(cloud.rejected).hasSize(2);
            });
            List<Rejected> rejected = cloud.rejected.stream()
                    .map(text -> DesiredJson.read(text.getBytes(StandardCharsets.UTF_8), Rejected.class))
                    .toList();
            assertThat(rejected).extracting(Rejected::reason).containsOnly(Rejected.Reason.MALFORMED);
            assertThat(rejected)
                    .extracting(Rejected::source)
                    .containsExactly("mqtt:sensors/hall\ufffd", "mqtt:\ufffdsensors/hall");
            assertThat(rejected)
                    .extracting(one -> new String(one.raw(), StandardCharsets.UTF_8))
                    .containsExactly(reading(1), reading(5));
            assertThat(field.clients).containsOnlyOnce(FIELD);
            assertThat(agent.metric("tocsin_agent_mended_messages_total")).isGreaterThanOrEqualTo(5);
            assertThat(cloud.faults).isEmpty();
        }
    }

    private static String reading(int celsius) {
        return "[{\"n\":\"temperature\",\"u\":\"Cel\",\"v\":" + celsius + "}]";
    }

    /** At QoS 1. */
    private static byte[] publish(int id, String topic, String properties, String payload) {
        String body = text(topic)
                + (char) (id >> 8)
                + (char) (id & 0xff)
                + variable(properties.length())
                + properties
                + payload;
        return bytes("2" + variable(body.length()) + body);
    }

    private static String property(int id, String... texts) {
        StringBuilder property = new StringBuilder().append((char) id);
        for (String text : texts) {
            property.append(text(text));
        }
        return property.toString();
    }

    private static String text(String text) {
        return "" + (char) (text.length() >> 8) + (char) (text.length() & 0xff) + text;
    }

    private static String variable(int value) {
        return value < 128 ? "" + (char) value : (char) (value & 127 | 128) + variable(value >> 7);
    }

    /** A character here is a byte. */
    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    private static byte[] join(byte[]... packets) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] packet : packets) {
            out.writeBytes(packet);
        }
        return out.toByteArray();
    }
}
