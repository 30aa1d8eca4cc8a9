package dev.tocsin.stream.backtest;

import dev.tocsin.stream.source.UplinkMessage;
import dev.tocsin.stream.source.enumerator.NothingToKeep;
import dev.tocsin.stream.store.Database;
import java.util.List;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.jspecify.annotations.Nullable;

/**
 * Archived readings as the messages that once brought them, with the time of their receipt as timestamp and watermarks
 * in between. One reader reads all, in one order.
 *
 * @param known desired state that holds from the beginning: profiles, rule sets, gateways
 */
record ArchiveSource(Database database, List<Retained> known, Span span)
        implements Source<UplinkMessage, Span, NothingToKeep> {

    ArchiveSource {
        known = List.copyOf(known);
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.BOUNDED;
    }

    @Override
    public SourceReader<UplinkMessage, Span> createReader(SourceReaderContext context) {
        return new ArchiveReader(database, known);
    }

    @Override
    public SplitEnumerator<Span, NothingToKeep> createEnumerator(SplitEnumeratorContext<Span> context) {
        return new ToFirstReader(span, context);
    }

    @Override
    public SplitEnumerator<Span, NothingToKeep> restoreEnumerator(
            SplitEnumeratorContext<Span> context, NothingToKeep checkpoint) {
        return createEnumerator(context);
    }

    @Override
    public SimpleVersionedSerializer<Span> getSplitSerializer() {
        return new Span.Serializer();
    }

    @Override
    public SimpleVersionedSerializer<NothingToKeep> getEnumeratorCheckpointSerializer() {
        return new NothingToKeep.Serializer();
    }

    /** Gives the first reader everything, and the others their leave. Called by the coordinator's thread only. */
    private record ToFirstReader(Span span, SplitEnumeratorContext<Span> context)
            implements SplitEnumerator<Span, NothingToKeep> {
        @Override
        public void start() {
            // Readers are served as they register.
        }

        @Override
        public void addReader(int subtask) {
            if (subtask == 0) {
                context.assignSplit(span, subtask);
            }
            context.signalNoMoreSplits(subtask);
        }

        @Override
        public void handleSplitRequest(int subtask, @Nullable String requesterHostname) {
            throw new IllegalStateException("reader " + subtask + " asks, but was given what there is");
        }

        @Override
        public void addSplitsBack(List<Span> splits, int subtask) {
            // The reader registers again when it is back and is then given it.
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
}
