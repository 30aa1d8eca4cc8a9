package dev.tocsin.standalone.broker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.standalone.broker.access.Credentials;
import dev.tocsin.standalone.broker.access.Role;
import dev.tocsin.standalone.broker.conformance.BrokerUnderTest;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttActionListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerDurabilityTest {
    private static final long FOR_EVER_SECONDS = 4_294_967_295L;
    private static final Duration PATIENCE = Duration.ofMinutes(2);
    private static final String TOPIC = "tocsin/v1/up/0/gw-1/live";
    private static final String FILTER = "tocsin/v1/up/0/+/live";

    @TempDir
    Path folder;

    @Test
    void whatWasAcknowledgedIsDeliveredAfterTheBrokerWasKilled() throws Exception {
        try (BrokerProcess broker = BrokerProcess.start(folder)) {
            Reader reader = new Reader(broker.asPlatform(), 0);
            publish(broker.asPlatform(), 0, 500, 100);
            Awaitility.await().atMost(PATIENCE).until(() -> reader.seen.size() == 500);
            broker.killAndRestart();
            reader.forget();
            Reader again = new Reader(broker.asPlatform(), Integer.MAX_VALUE);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(again.seen).isEqualTo(numbers(500)));
            again.forget();
        }
    }

    @Test
    void whatWasAcknowledgedWhileTheBrokerDiedUnderLoadIsNotLost() throws Exception {
        try (BrokerProcess broker = BrokerProcess.start(folder)) {
            new Reader(broker.asPlatform(), 0).forget();
            Set<Integer> acknowledged = new ConcurrentSkipListSet<>();
            Publisher publisher = new Publisher(broker.asPlatform(), acknowledged);
            Thread pouring = new Thread(() -> publisher.pour(100_000), "pouring");
            pouring.start();
            Awaitility.await().atMost(PATIENCE).until(() -> acknowledged.size() > 3_000);
            broker.killAndRestart();
            publisher.stop();
            pouring.join();
            Reader reader = new Reader(broker.asPlatform(), Integer.MAX_VALUE);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(reader.seen).containsAll(acknowledged));
            reader.forget();
        }
    }

    @Test
    void aLongAbsenceGoesToTheDiskAndNothingIsLost() throws Exception {
        Credentials credentials = Credentials.open(folder.resolve("credentials"));
        String password = credentials.user("platform", Role.PLATFORM);
        int port = BrokerProcess.freePort();
        BrokerSettings.Tls none = new BrokerSettings.Tls("127.0.0.1", -1, folder.resolve("identities"));
        BrokerSettings settings = new BrokerSettings(
                "127.0.0.1", port, folder.resolve("broker"), credentials.usersFile(), none, 16, 2, 98);
        BrokerUnderTest platform = new BrokerUnderTest("tcp://127.0.0.1:" + port, "platform", password);
        try (EmbeddedBroker broker = EmbeddedBroker.start(settings, Clock.systemUTC(), () -> {})) {
            new Reader(platform, 0).forget();
            publish(platform, 0, 20_000, 2_000);
            assertThat(broker.isPaging()).isTrue();
        }
        try (EmbeddedBroker broker = EmbeddedBroker.start(settings, Clock.systemUTC(), () -> {})) {
            Reader reader = new Reader(platform, Integer.MAX_VALUE);
            Awaitility.await()
                    .atMost(PATIENCE)
                    .untilAsserted(() -> assertThat(reader.seen).isEqualTo(numbers(20_000)));
            assertThat(reader.inOrder).isTrue();
            Awaitility.await().atMost(PATIENCE).until(() -> !broker.isPaging());
            reader.forget();
        }
    }

    @Test
    void aSessionThatEndedWithItsConnectionIsNotKeptByAKill() throws Exception {
        try (BrokerProcess broker = BrokerProcess.start(folder)) {
            MqttAsyncClient visitor =
                    new MqttAsyncClient(broker.asPlatform().url(), "visitor", new MemoryPersistence());
            MqttConnectionOptions options = options(broker.asPlatform());
            visitor.connect(options).waitForCompletion(10_000);
            visitor.subscribe(FILTER, 1).waitForCompletion(10_000);
            broker.killAndRestart();
            visitor.close(true);
            MqttAsyncClient publisher =
                    new MqttAsyncClient(broker.asPlatform().url(), "publisher", new MemoryPersistence());
            publisher.connect(options).waitForCompletion(10_000);
            IMqttToken token = publisher.publish(TOPIC, new byte[1], 1, false);
            token.waitForCompletion(10_000);
            assertThat(token.getReasonCodes()).as("no subscription is left").containsExactly(0x10);
            publisher.disconnect().waitForCompletion(10_000);
            publisher.close();
        }
    }

    private static Set<Integer> numbers(int count) {
        return new TreeSet<>(IntStream.range(0, count).boxed().toList());
    }

    private static void publish(BrokerUnderTest broker, int from, int count, int bytes) throws Exception {
        MqttAsyncClient client = new MqttAsyncClient(broker.url(), "publisher", new MemoryPersistence());
        client.connect(options(broker)).waitForCompletion(10_000);
        List<IMqttToken> open = new ArrayList<>();
        for (int i = from; i < from + count; i++) {
            open.add(client.publish(TOPIC, padded(i, bytes), 1, false));
            if (open.size() == 500 || i == from + count - 1) {
                for (IMqttToken token : open) {
                    token.waitForCompletion(20_000);
                }
                open.clear();
            }
        }
        client.disconnect().waitForCompletion(10_000);
        client.close();
    }

    private static byte[] padded(int number, int bytes) {
        return String.format("%-" + bytes + "d", number).getBytes(StandardCharsets.UTF_8);
    }

    private static MqttConnectionOptions options(BrokerUnderTest broker) {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setUserName(broker.user());
        options.setPassword(broker.password().getBytes(StandardCharsets.UTF_8));
        options.setAutomaticReconnect(false);
        return options;
    }

    /** Publishes until it is stopped, and notes what the broker acknowledged. */
    private static final class Publisher {
        private final Set<Integer> acknowledged;
        private final Semaphore window = new Semaphore(1_000);
        private final MqttAsyncClient client;
        private volatile boolean stopped;

        Publisher(BrokerUnderTest broker, Set<Integer> acknowledged) throws MqttException {
            this.acknowledged = acknowledged;
            this.client = new MqttAsyncClient(broker.url(), "publisher", new MemoryPersistence());
            client.connect(options(broker)).waitForCompletion(10_000);
        }

        void pour(int count) {
            for (int i = 0; i < count && !stopped; i++) {
                int number = i;
                window.acquireUninterruptibly();
                try {
                    MqttMessage message = new MqttMessage(padded(number, 100));
                    message.setQos(1);
                    client.publish(TOPIC, message, null, new MqttActionListener() {
                        @Override
                        public void onSuccess(IMqttToken token) {
                            acknowledged.add(number);
                            window.release();
                        }

                        @Override
                        public void onFailure(IMqttToken token, Throwable cause) {
                            window.release();
                        }
                    });
                } catch (MqttException e) {
                    return; // The broker is gone: what matters is what it had acknowledged.
                }
            }
        }

        void stop() throws MqttException {
            stopped = true;
            window.release(1_000);
            client.close(true);
        }
    }

    /** A persistent session that acknowledges its first messages only. */
    private static final class Reader {
        private final Set<Integer> seen = new ConcurrentSkipListSet<>();
        private final MqttAsyncClient client;
        private volatile boolean inOrder = true;
        private volatile int last = -1;

        Reader(BrokerUnderTest broker, int acknowledgeFirst) throws MqttException {
            client = new MqttAsyncClient(broker.url(), "tocsin-alarm-live-0", new MemoryPersistence());
            client.setManualAcks(true);
            MqttConnectionOptions options = options(broker);
            options.setCleanStart(false);
            options.setSessionExpiryInterval(FOR_EVER_SECONDS);
            options.setReceiveMaximum(65_535);
            client.setCallback(new SilentCallback() {
                @Override
                public void messageArrived(String topic, MqttMessage message) throws MqttException {
                    int number = Integer.parseInt(new String(message.getPayload(), StandardCharsets.UTF_8).strip());
                    inOrder &= number > last;
                    last = number;
                    seen.add(number);
                    if (seen.size() <= acknowledgeFirst) {
                        client.messageArrivedComplete(message.getId(), message.getQos());
                    }
                }
            });
            client.connect(options).waitForCompletion(10_000);
            client.subscribe(new MqttSubscription[] {new MqttSubscription(FILTER, 1)})
                    .waitForCompletion(10_000);
        }

        void forget() throws MqttException {
            if (client.isConnected()) {
                client.disconnectForcibly(0, 0, false);
            }
            client.close(true);
        }
    }
}
