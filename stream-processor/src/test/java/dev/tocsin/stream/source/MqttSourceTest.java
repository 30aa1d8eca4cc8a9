package dev.tocsin.stream.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.stream.TestBroker;
import dev.tocsin.stream.TestGateway;
import dev.tocsin.stream.source.reader.MqttReader;
import dev.tocsin.stream.source.reader.Window;
import dev.tocsin.stream.source.split.MqttSplit;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A reader, driven by hand as Flink would, on a real broker. */
@Timeout(60)
class MqttSourceTest {
    private static final int WINDOW = 5;

    @TempDir
    Path folder;

    private TestBroker broker;
    private MqttSource source;
    private TestGateway gateway;
    private final CollectedMessages output = new CollectedMessages();

    @BeforeEach
    void start() throws Exception {
        broker = TestBroker.start(folder);
        source = new MqttSource(broker.access(), "test", List.of(Feed.LIVE), 1, new Window(WINDOW, 1 << 20));
        gateway = new TestGateway(broker.access(), "gw-1", 1);
    }

    @AfterEach
    void stop() throws Exception {
        gateway.close();
        broker.close();
    }

    @Test
    void no_more_than_the_window_is_taken_until_a_checkpoint_covers_it() throws Exception {
        try (MqttReader reader = reader()) {
            send(0, 20);
            pollUntil(reader, WINDOW);
            reader.pollNext(output);
            assertThat(output.messages).hasSize(WINDOW);

            checkpoint(reader, 1);
            pollUntil(reader, 2 * WINDOW);
            reader.pollNext(output);
            assertThat(output.messages).hasSize(2 * WINDOW);

            checkpoint(reader, 2);
            pollUntil(reader, 3 * WINDOW);
            checkpoint(reader, 3);
            pollUntil(reader, 20);
            // In any order: where a window opens again the broker may let a message be overtaken by the next ones.
            assertThat(texts()).containsExactlyInAnyOrderElementsOf(numbers(20));
        }
    }

    @Test
    void what_no_checkpoint_covered_comes_again_and_what_one_covered_does_not() throws Exception {
        List<String> uncovered = new ArrayList<>(numbers(5));
        try (MqttReader reader = reader()) {
            send(0, 5);
            pollUntil(reader, 3);
            reader.snapshotState(1);
            // Which ones, the broker of this test does not promise.
            uncovered.removeAll(texts());
            pollUntil(reader, 5);
            reader.notifyCheckpointComplete(1);
            // Acknowledgements are on their way by then; a reader that ends at once may take some of them with it.
            await().until(() -> broker.owed(new MqttSplit(Feed.LIVE, 0).clientId("test")) == 2);
        }
        output.messages.clear();

        try (MqttReader reader = reader()) {
            pollUntil(reader, 2);
            assertThat(texts()).containsExactlyInAnyOrderElementsOf(uncovered);
        }
    }

    @Test
    void the_older_of_two_readers_of_one_session_yields_to_the_newer() throws Exception {
        try (MqttReader older = reader();
                MqttReader newer = reader()) {
            send(0, 3);
            pollUntil(newer, 3);
            assertThat(texts()).containsExactly("0", "1", "2");
            assertThat(ConnectedSessions.all(source)).isTrue();
        }
    }

    @Test
    void a_reader_that_starts_before_its_broker_reads_when_it_is_there() throws Exception {
        gateway.close();
        broker.stop();
        try (MqttReader reader = reader(false)) {
            broker.start();
            await().until(() -> ConnectedSessions.all(source));
            gateway = new TestGateway(broker.access(), "gw-1", 1);
            send(0, 1);
            pollUntil(reader, 1);
        }
    }

    private MqttReader reader() {
        return reader(true);
    }

    private MqttReader reader(boolean connected) {
        MqttReader reader = new MqttReader(
                source.broker(),
                source.job(),
                source.window(),
                UnregisteredMetricsGroup.createSourceReaderMetricGroup());
        reader.addSplits(List.of(new MqttSplit(Feed.LIVE, 0)));
        if (connected) {
            await().until(() -> ConnectedSessions.all(source));
        }
        return reader;
    }

    private void checkpoint(MqttReader reader, long id) {
        reader.snapshotState(id);
        reader.notifyCheckpointComplete(id);
    }

    private void pollUntil(MqttReader reader, int count) {
        await().pollInSameThread().until(() -> {
            while (output.messages.size() < count && reader.isAvailable().isDone()) {
                reader.pollNext(output);
            }
            return output.messages.size() >= count;
        });
    }

    private void send(int first, int count) throws Exception {
        for (int i = first; i < first + count; i++) {
            gateway.publish(
                    Topics.up(0, "gw-1", Lane.LIVE), Integer.toString(i).getBytes(StandardCharsets.UTF_8), false);
        }
    }

    private List<String> texts() {
        List<String> texts = new ArrayList<>();
        output.messages.forEach(m -> texts.add(new String(m.payload(), StandardCharsets.UTF_8)));
        return texts;
    }

    private static List<String> numbers(int count) {
        List<String> numbers = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            numbers.add(Integer.toString(i));
        }
        return numbers;
    }
}
