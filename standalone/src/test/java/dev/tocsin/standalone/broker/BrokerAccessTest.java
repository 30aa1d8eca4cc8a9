package dev.tocsin.standalone.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.tocsin.standalone.broker.access.Role;
import dev.tocsin.standalone.broker.conformance.BrokerUnderTest;
import io.netty.handler.codec.mqtt.MqttProperties.BinaryProperty;
import io.netty.handler.codec.mqtt.MqttProperties.StringProperty;
import io.netty.handler.codec.mqtt.MqttProperties.UserProperty;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.eclipse.paho.mqttv5.client.MqttClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerAccessTest {
    private static final int NOT_AUTHORISED = 0x87;
    private static final int BAD_PASSWORD = 0x86;
    private static final int UNHEARD = 0x10;
    private static final int CONTENT_TYPE = 3;
    private static final int CORRELATION_DATA = 9;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    @TempDir
    static Path folder;

    private static BrokerProcess broker;
    private static BrokerUnderTest sensor;
    private static BrokerUnderTest other;
    private static BrokerUnderTest field;
    private static BrokerUnderTest gateway;
    private static BrokerUnderTest platform;

    @BeforeAll
    static void start() throws Exception {
        broker = BrokerProcess.start(folder);
        platform = broker.asPlatform();
        sensor = broker.as("sd-1.a", Role.SENSOR);
        other = broker.as("tocsin", Role.SENSOR);
        field = broker.as("field", Role.FIELD);
        gateway = broker.as("gw-1", Role.GATEWAY);
        // The users were added while it runs: it looks at its file once a second.
        await().ignoreExceptions()
                .atMost(PATIENCE)
                .until(() -> published(gateway, "tocsin/v1/up/3/gw-1/live") == UNHEARD);
    }

    @AfterAll
    static void stop() {
        broker.close();
    }

    @Test
    void aSensorPublishesItsOwnTopicsAndNoOthers() throws Exception {
        assertThat(published(sensor, "sensors/sd-1.a")).isEqualTo(UNHEARD);
        assertThat(published(sensor, "sensors/sd-1.a/events/deep")).isEqualTo(UNHEARD);
        assertThat(published(sensor, "sd-1.a/events/rpc")).isEqualTo(UNHEARD);
        assertThat(published(sensor, "zigbee2mqtt/sd-1.a")).isEqualTo(UNHEARD);
        assertThat(published(sensor, "sensors/sd-2")).isEqualTo(NOT_AUTHORISED);
        assertThat(published(sensor, "tocsin/v1/alerts/town/1")).isEqualTo(NOT_AUTHORISED);
        assertThat(published(sensor, "tocsin/v1/up/0/gw-1/live")).isEqualTo(NOT_AUTHORISED);
        assertThat(published(sensor, "tocsin/v1/state/areas")).isEqualTo(NOT_AUTHORISED);
        assertThat(published(sensor, "down/sd-1.a/order")).isEqualTo(NOT_AUTHORISED);
    }

    @Test
    void aDeviceThatCallsItselfTocsinGainsNothingByIt() throws Exception {
        assertThat(published(other, "tocsin/v1/alerts/town/1")).isEqualTo(NOT_AUTHORISED);
        assertThat(published(other, "sensors/tocsin")).isEqualTo(UNHEARD);
    }

    @Test
    void aSensorHearsItsOwnOrdersOnly() throws Exception {
        assertThat(subscribed(sensor, "down/sd-1.a/#")).isEqualTo(1);
        assertThat(subscribed(sensor, "down/sd-2/#")).isEqualTo(NOT_AUTHORISED);
        assertThat(subscribed(sensor, "#")).isEqualTo(NOT_AUTHORISED);
        assertThat(subscribed(sensor, "+/#")).isEqualTo(NOT_AUTHORISED);
        assertThat(subscribed(sensor, "sensors/+")).isEqualTo(NOT_AUTHORISED);
        assertThat(subscribed(sensor, "tocsin/v1/alerts/#")).isEqualTo(NOT_AUTHORISED);
    }

    @Test
    void theFieldSaysAndHearsEverythingButThePlatform() throws Exception {
        assertThat(published(field, "shellyplussmoke-a1/events/rpc")).isEqualTo(UNHEARD);
        assertThat(published(field, "tele/x/SENSOR")).isEqualTo(UNHEARD);
        assertThat(published(field, "tocsin/v1/up/0/gw-1/live")).isEqualTo(NOT_AUTHORISED);
        assertThat(published(field, "tocsin")).isEqualTo(NOT_AUTHORISED);
        assertThat(published(field, "$tocsin/management")).isEqualTo(NOT_AUTHORISED);
        assertThat(subscribed(field, "+/events/rpc")).isEqualTo(1);
        assertThat(subscribed(field, "#")).isEqualTo(NOT_AUTHORISED);
        assertThat(subscribed(field, "+/v1/#")).isEqualTo(NOT_AUTHORISED);
    }

    @Test
    void aGatewaySpeaksForItselfAndHearsTheField() throws Exception {
        assertThat(published(gateway, "tocsin/v1/up/3/gw-1/live")).isEqualTo(UNHEARD);
        assertThat(published(gateway, "tocsin/v1/up/3/gw-2/live")).isEqualTo(NOT_AUTHORISED);
        assertThat(published(gateway, "tocsin/v1/alerts/town/1")).isEqualTo(NOT_AUTHORISED);
        assertThat(published(gateway, "sensors/sd-1.a")).isEqualTo(NOT_AUTHORISED);
        assertThat(subscribed(gateway, "tocsin/v1/state/#")).isEqualTo(1);
        assertThat(subscribed(gateway, "tocsin/v1/down/gw-1/command")).isEqualTo(1);
        assertThat(subscribed(gateway, "sensors/+")).isEqualTo(1);
        assertThat(subscribed(gateway, "+/events/rpc")).isEqualTo(1);
        assertThat(subscribed(gateway, "tocsin/v1/down/gw-2/command")).isEqualTo(NOT_AUTHORISED);
        assertThat(subscribed(gateway, "tocsin/v1/up/#")).isEqualTo(NOT_AUTHORISED);
    }

    @Test
    void commandsComeFromThePlatformAloneAndAGatewayHearsItsOwnOnly() throws Exception {
        String topic = "tocsin/v1/down/gw-1/command";
        for (BrokerUnderTest user : List.of(sensor, other, field, gateway)) {
            assertThat(published(user, topic)).as(user.user()).isEqualTo(NOT_AUTHORISED);
        }
        assertThat(published(platform, topic)).isEqualTo(UNHEARD);
        assertThat(subscribed(gateway, topic)).isEqualTo(1);
        for (String notItsOwn :
                List.of("tocsin/v1/down/gw-2/command", "tocsin/v1/down/+/command", "tocsin/v1/down/#")) {
            assertThat(subscribed(gateway, notItsOwn)).as(notItsOwn).isEqualTo(NOT_AUTHORISED);
        }
        for (BrokerUnderTest user : List.of(sensor, other, field)) {
            assertThat(subscribed(user, topic)).as(user.user()).isEqualTo(NOT_AUTHORISED);
        }
    }

    @Test
    void aGatewayDrivesItsOwnOutputsAndTellsDevicesWhatToDo() throws Exception {
        assertThat(published(gateway, "outputs/gw-1/siren")).isEqualTo(UNHEARD);
        assertThat(published(gateway, "outputs/gw-2/siren")).isEqualTo(NOT_AUTHORISED);
        assertThat(published(gateway, "down/sd-1.a/order")).isEqualTo(UNHEARD);
        assertThat(published(gateway, "zigbee2mqtt/kitchen/set")).isEqualTo(UNHEARD);
        assertThat(published(gateway, "zigbee2mqtt/kitchen")).isEqualTo(NOT_AUTHORISED);
    }

    @Test
    void aWillIsHeldToTheSameRulesAsAnyMessage() throws Exception {
        try (Listener listener = new Listener(platform, "tocsin/v1/alerts/#")) {
            MqttConnectionOptions options = options(sensor);
            options.setWill("tocsin/v1/alerts/town/1", message("fire"));
            options.setWillMessageProperties(new MqttProperties());
            MqttClient client = new MqttClient(sensor.url(), "dying", new MemoryPersistence());
            client.connect(options);
            client.disconnectForcibly(0, 0, false);
            client.close(true);
            published(platform, "tocsin/v1/alerts/town/2");
            assertThat(listener.next()).isEqualTo("tocsin/v1/alerts/town/2");
        }
    }

    @Test
    void anothersClientIdDoesNotTakeOverItsSession() throws Exception {
        try (Listener listener = new Listener(platform, "tocsin/v1/alerts/#")) {
            MqttClient thief = new MqttClient(sensor.url(), Listener.CLIENT_ID, new MemoryPersistence());
            thief.connect(options(sensor));
            thief.disconnect();
            thief.close();
            published(platform, "tocsin/v1/alerts/town/3");
            assertThat(listener.next()).isEqualTo("tocsin/v1/alerts/town/3");
        }
    }

    @Test
    void nobodyConnectsWithoutAPassword() throws Exception {
        assertRefused(new BrokerUnderTest(sensor.url(), "sd-1.a", "wrong"));
        assertRefused(new BrokerUnderTest(sensor.url(), "nobody", sensor.password()));
        MqttClient client = new MqttClient(sensor.url(), "anonymous", new MemoryPersistence());
        assertThatThrownBy(client::connect)
                .isInstanceOfSatisfying(
                        MqttException.class, e -> assertThat(e.getReasonCode()).isEqualTo(BAD_PASSWORD));
        client.close();
    }

    @Test
    void topicsThatNameAQueueOfTheBrokerAreRefused() throws Exception {
        MqttClient client = new MqttClient(platform.url(), "queue", new MemoryPersistence());
        client.connect(options(platform));
        assertThatThrownBy(() -> client.subscribe("sensors/a::platform/x.sensors/a", 1))
                .isInstanceOf(MqttException.class);
        client.close(true);
    }

    /** Paho loses its receiving thread by such a message, and again at each redelivery. */
    @Test
    void whatSubscribersCouldNotReadReachesNobodyAndEndsItsSendersConnection() throws Exception {
        String topic = "tocsin/v1/alerts/a";
        try (Listener listener = new Listener(platform, "tocsin/v1/alerts/#")) {
            for (String text : List.of("a\u0001b", "a\tb", "\u007f", "\u0085", "\ufdd0", "\uffff", "\ud83f\udffe")) {
                assertThat(RawClient.isClosedBy(platform, topic, new UserProperty("unit", text)))
                        .isTrue();
                assertThat(RawClient.isClosedBy(platform, topic, new StringProperty(CONTENT_TYPE, text)))
                        .isTrue();
                assertThat(RawClient.isClosedBy(platform, topic + text)).isTrue();
            }
            assertThat(RawClient.isClosedBy(platform, topic, new BinaryProperty(CORRELATION_DATA, new byte[32_768])))
                    .isTrue();
            assertThat(RawClient.isClosedBy(platform, "tocsin/v1/alerts/last", new UserProperty("place", "消防 🔥")))
                    .isFalse();
            assertThat(listener.next()).isEqualTo("tocsin/v1/alerts/last");
        }
    }

    @Test
    void aRetainedMessageIsFoundThroughAWildcardAlsoWhereAnIdHasADot() throws Exception {
        MqttClient client = new MqttClient(platform.url(), "retainer", new MemoryPersistence());
        client.connect(options(platform));
        client.publish("dev.1/online", "true".getBytes(StandardCharsets.UTF_8), 1, true);
        client.disconnect();
        client.close();
        try (Listener listener = new Listener(gateway, "dev.1/+")) {
            assertThat(listener.next()).isEqualTo("dev.1/online");
        }
    }

    @Test
    void mosquittoPubIsRefusedAnAlertToo() throws Exception {
        assumeTrue(BrokerConformanceTest.isOnPath("mosquitto_pub"), "mosquitto_pub is not on the PATH");
        assertThat(mosquittoPub("sensors/sd-1.a")).doesNotContain("Not authorized");
        assertThat(mosquittoPub("tocsin/v1/alerts/town/1")).contains("Not authorized");
    }

    @Test
    void passwordsAreKeptForTheOwnerAloneAndHashed() throws Exception {
        Path credentials = folder.resolve("credentials");
        try (var files = Files.list(credentials)) {
            for (Path file : files.toList()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .isEqualTo("rw-------");
            }
        }
        assertThat(Files.readString(credentials.resolve("broker-users"))).doesNotContain(sensor.password());
    }

    private static String mosquittoPub(String topic) throws Exception {
        List<String> command = new ArrayList<>(List.of("mosquitto_pub", "-V", "5", "-q", "1", "-h", "127.0.0.1"));
        command.addAll(List.of("-p", Integer.toString(broker.port()), "-u", sensor.user(), "-P", sensor.password()));
        command.addAll(List.of("-t", topic, "-m", "x"));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return said;
    }

    private static void assertRefused(BrokerUnderTest as) throws MqttException {
        MqttClient client = new MqttClient(as.url(), "refused", new MemoryPersistence());
        assertThatThrownBy(() -> client.connect(options(as)))
                .isInstanceOfSatisfying(
                        MqttException.class, e -> assertThat(e.getReasonCode()).isEqualTo(BAD_PASSWORD));
        client.close();
    }

    private static int published(BrokerUnderTest as, String topic) throws MqttException {
        return withClient(as, client -> {
            try {
                var token = client.getTopic(topic).publish(message("x"));
                token.waitForCompletion(10_000);
                return token.getReasonCodes()[0];
            } catch (MqttException e) {
                return e.getReasonCode();
            }
        });
    }

    private static int subscribed(BrokerUnderTest as, String filter) throws MqttException {
        return withClient(as, client -> {
            try {
                return client.subscribe(filter, 1).getReasonCodes()[0];
            } catch (MqttException e) {
                return e.getReasonCode();
            }
        });
    }

    private interface Action {
        int on(MqttClient client) throws MqttException;
    }

    private static int withClient(BrokerUnderTest as, Action action) throws MqttException {
        MqttClient client = new MqttClient(as.url(), "asking", new MemoryPersistence());
        client.setTimeToWait(10_000);
        client.connect(options(as));
        try {
            return action.on(client);
        } finally {
            if (client.isConnected()) {
                client.disconnect();
            }
            client.close(true);
        }
    }

    private static MqttConnectionOptions options(BrokerUnderTest as) {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setUserName(as.user());
        options.setPassword(as.password().getBytes(StandardCharsets.UTF_8));
        options.setAutomaticReconnect(false);
        return options;
    }

    private static MqttMessage message(String text) {
        MqttMessage message = new MqttMessage(text.getBytes(StandardCharsets.UTF_8));
        message.setQos(1);
        return message;
    }

    private static final class Listener implements AutoCloseable {
        static final String CLIENT_ID = "listening";
        private final BlockingQueue<String> topics = new LinkedBlockingQueue<>();
        private final MqttClient client;

        Listener(BrokerUnderTest as, String filter) throws MqttException {
            client = new MqttClient(as.url(), CLIENT_ID, new MemoryPersistence());
            client.connect(options(as));
            client.subscribe(
                    new org.eclipse.paho.mqttv5.common.MqttSubscription[] {
                        new org.eclipse.paho.mqttv5.common.MqttSubscription(filter, 1)
                    },
                    new org.eclipse.paho.mqttv5.client.IMqttMessageListener[] {(topic, message) -> topics.add(topic)});
        }

        String next() throws InterruptedException {
            return String.valueOf(topics.poll(10, TimeUnit.SECONDS));
        }

        @Override
        public void close() throws MqttException {
            client.disconnect();
            client.close(true);
        }
    }
}
