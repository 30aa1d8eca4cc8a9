package dev.tocsin.stream.bench;

import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.stream.source.Feed;
import dev.tocsin.stream.source.UplinkMessage;
import dev.tocsin.stream.source.enumerator.MqttEnumerator;
import dev.tocsin.stream.source.enumerator.NothingToKeep;
import dev.tocsin.stream.source.split.MqttSplit;
import dev.tocsin.stream.source.split.MqttSplitSerializer;
import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * What {@link Traffic} wrote, as messages that were received already, each once and as fast as they are taken. Then it
 * is silent, and the job goes on. For one subtask; a checkpoint holds no position.
 *
 * @param file a path; text, because Flink serializes it
 * @param withState whether desired state is handed out too
 */
record RecordedSource(String file, boolean withState) implements Source<UplinkMessage, MqttSplit, NothingToKeep> {
    private static final int BUFFER_BYTES = 1 << 20;

    static String gateway(int number) {
        return "gw-" + number;
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<UplinkMessage, MqttSplit> createReader(SourceReaderContext context) throws IOException {
        return new Reader(Path.of(file), withState);
    }

    @Override
    public SplitEnumerator<MqttSplit, NothingToKeep> createEnumerator(SplitEnumeratorContext<MqttSplit> context) {
        return new MqttEnumerator(context, List.of());
    }

    @Override
    public SplitEnumerator<MqttSplit, NothingToKeep> restoreEnumerator(
            SplitEnumeratorContext<MqttSplit> context, NothingToKeep checkpoint) {
        return createEnumerator(context);
    }

    @Override
    public SimpleVersionedSerializer<MqttSplit> getSplitSerializer() {
        return new MqttSplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<NothingToKeep> getEnumeratorCheckpointSerializer() {
        return new NothingToKeep.Serializer();
    }

    private static final class Reader implements SourceReader<UplinkMessage, MqttSplit> {
        private final DataInputStream messages;
        private final boolean withState;
        /** Not done any more when the last message was handed out. */
        private CompletableFuture<Void> available = CompletableFuture.completedFuture(null);

        Reader(Path file, boolean withState) throws IOException {
            this.withState = withState;
            messages = new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER_BYTES));
        }

        @Override
        public void start() {
            // Reads when asked.
        }

        @Override
        public InputStatus pollNext(ReaderOutput<UplinkMessage> output) throws IOException {
            int state = messages.read();
            if (state < 0) {
                available = new CompletableFuture<>();
                return InputStatus.NOTHING_AVAILABLE;
            }
            String gateway = gateway(messages.readInt());
            byte[] payload = new byte[messages.readInt()];
            messages.readFully(payload);
            if (state == 1 && !withState) {
                return InputStatus.MORE_AVAILABLE;
            }
            String topic = state == 1 ? Topics.stateOfGateway(gateway) : Topics.up(0, gateway, Lane.LIVE);
            output.collect(new UplinkMessage(
                    state == 1 ? Feed.STATE : Feed.LIVE, 0, topic, gateway, payload, System.currentTimeMillis()));
            return InputStatus.MORE_AVAILABLE;
        }

        @Override
        public List<MqttSplit> snapshotState(long checkpointId) {
            return List.of();
        }

        @Override
        public CompletableFuture<Void> isAvailable() {
            return available;
        }

        @Override
        public void addSplits(List<MqttSplit> splits) {
            throw new IllegalStateException("there are none");
        }

        @Override
        public void notifyNoMoreSplits() {
            // There are none.
        }

        @Override
        public void close() throws IOException {
            messages.close();
        }
    }
}
