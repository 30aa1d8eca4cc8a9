package dev.tocsin.stream.source.enumerator;

import dev.tocsin.stream.source.split.MqttSplit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.jspecify.annotations.Nullable;

/**
 * Gives each reader, whenever it registers, the same share of the splits: every n-th of n readers. Splits carry no
 * position, so neither a checkpoint of the assignment nor what a failed reader hands back is needed, and another
 * parallelism is another share. Called by the coordinator's thread only.
 */
public final class MqttEnumerator implements SplitEnumerator<MqttSplit, NothingToKeep> {
    private final SplitEnumeratorContext<MqttSplit> context;
    private final List<MqttSplit> splits;

    public MqttEnumerator(SplitEnumeratorContext<MqttSplit> context, List<MqttSplit> splits) {
        this.context = context;
        this.splits = List.copyOf(splits);
    }

    @Override
    public void start() {
        // Readers are served as they register.
    }

    @Override
    public void addReader(int subtask) {
        List<MqttSplit> share = new ArrayList<>();
        for (int i = subtask; i < splits.size(); i += context.currentParallelism()) {
            share.add(splits.get(i));
        }
        if (!share.isEmpty()) {
            context.assignSplits(new SplitsAssignment<>(Map.of(subtask, share)));
        }
    }

    @Override
    public void handleSplitRequest(int subtask, @Nullable String requesterHostname) {
        throw new IllegalStateException("reader " + subtask + " asks for splits, but is given all of its own at once");
    }

    @Override
    public void addSplitsBack(List<MqttSplit> returned, int subtask) {
        // The reader registers again when it is back and is then given its share.
    }

    @Override
    public NothingToKeep snapshotState(long checkpointId) {
        return NothingToKeep.NOTHING;
    }

    @Override
    public void close() {
        // Holds nothing.
    }
}
