package dev.tocsin.stream.source.kafka;

import java.io.IOException;
import java.util.List;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Flink's enumerator, which is started again for as long as it cannot be: Kafka's client is not made at all while none
 * of the names of its servers can be resolved. Called by the coordinator's thread only.
 */
record PatientEnumerator(SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> enumerator, PatientContext context)
        implements SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> {
    private static final long PAUSE_MS = 5_000;

    @Override
    public void start() {
        try {
            enumerator.start();
        } catch (KafkaException e) {
            context.unanswered(e);
            context.later(PAUSE_MS, this::start);
        }
    }

    @Override
    public void handleSplitRequest(int subtask, @Nullable String requesterHostname) {
        enumerator.handleSplitRequest(subtask, requesterHostname);
    }

    @Override
    public void addSplitsBack(List<KafkaPartitionSplit> splits, int subtask) {
        enumerator.addSplitsBack(splits, subtask);
    }

    @Override
    public void addReader(int subtask) {
        enumerator.addReader(subtask);
    }

    @Override
    public KafkaSourceEnumState snapshotState(long checkpointId) throws Exception {
        return enumerator.snapshotState(checkpointId);
    }

    @Override
    public void close() throws IOException {
        context.close();
        enumerator.close();
    }
}
