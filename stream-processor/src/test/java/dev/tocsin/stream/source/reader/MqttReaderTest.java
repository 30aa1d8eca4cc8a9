package dev.tocsin.stream.source.reader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.stream.TestBroker;
import dev.tocsin.stream.TestGateway;
import dev.tocsin.stream.source.CollectedMessages;
import dev.tocsin.stream.source.ConnectedSessions;
import dev.tocsin.stream.source.Feed;
import dev.tocsin.stream.source.MqttSource;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class MqttReaderTest {
    @TempDir
    Path folder;

    private TestBroker broker;
    private TestGateway gateway;
    private final CollectedMessages output = new CollectedMessages();

    @BeforeEach
    void start() throws Exception {
        broker = TestBroker.start(folder);
        gateway = new TestGateway(broker.access(), "gw-1", 1);
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
        broker.close();
    }

    @Test
    void a_session_that_comes_back_to_more_than_its_queue_holds_reads_it_all() throws Exception {
        MqttSource source = source(List.of(Feed.LIVE), new Window(100, 1));
        try (MqttReader reader = reader(source)) {
            await().until(() -> ConnectedSessions.all(source));
        }
        for (int i = 0; i < 100; i++) {
            gateway.publish(Topics.up(0, "gw-1", Lane.LIVE), new byte[] {(byte) i}, false);
        }
        try (MqttReader reader = reader(source)) {
            // Nobody takes a message meanwhile, so what the broker sends waits in front of its answer.
            await().until(() -> ConnectedSessions.all(source));
            poll(reader, 100);
            assertThat(output.messages)
                    .extracting(message -> (int) message.payload()[0])
                    .containsExactlyElementsOf(
                            java.util.stream.IntStream.range(0, 100).boxed().toList());
            assertThat(reader.connections()).isOne();
        }
    }

    @Test
    void of_every_feed_something_is_taken_while_a_more_urgent_one_always_has_more() throws Exception {
        MqttSource source =
                source(List.of(Feed.BACKLOG, Feed.REJECTED, Feed.LIVE, Feed.ALERTS), new Window(1_000, 1 << 20));
        try (MqttReader reader = reader(source)) {
            await().until(() -> ConnectedSessions.all(source));
            for (int i = 0; i < 200; i++) {
                gateway.publish("tocsin/v1/alerts/district/" + i, new byte[0], false);
                gateway.publish(Topics.up(0, "gw-1", Lane.LIVE), new byte[0], false);
            }
            gateway.publish(Topics.up(0, "gw-1", Lane.BACKLOG), new byte[0], false);
            gateway.publish(Topics.up(0, "gw-1", Lane.REJECTED), new byte[0], false);
            await().until(() -> reader.queued() == 402);
            poll(reader, 150);

            assertThat(count(Feed.BACKLOG)).isOne();
            assertThat(count(Feed.REJECTED)).isOne();
            assertThat(count(Feed.ALERTS)).isGreaterThan(130);
        }
    }

    private long count(Feed feed) {
        return output.messages.stream()
                .filter(message -> message.feed() == feed)
                .count();
    }

    private MqttSource source(List<Feed> feeds, Window window) {
        return new MqttSource(broker.access(), "test", feeds, 1, window);
    }

    private static MqttReader reader(MqttSource source) {
        MqttReader reader = new MqttReader(
                source.broker(),
                source.job(),
                source.window(),
                UnregisteredMetricsGroup.createSourceReaderMetricGroup());
        reader.addSplits(source.splits());
        return reader;
    }

    private void poll(MqttReader reader, int count) {
        await().pollInSameThread().until(() -> {
            while (output.messages.size() < count && reader.isAvailable().isDone()) {
                reader.pollNext(output);
            }
            return output.messages.size() >= count;
        });
    }
}
