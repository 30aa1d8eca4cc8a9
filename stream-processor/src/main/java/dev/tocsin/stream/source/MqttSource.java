package dev.tocsin.stream.source;

import dev.tocsin.stream.broker.BrokerAccess;
import dev.tocsin.stream.source.enumerator.MqttEnumerator;
import dev.tocsin.stream.source.enumerator.NothingToKeep;
import dev.tocsin.stream.source.reader.MqttReader;
import dev.tocsin.stream.source.reader.Window;
import dev.tocsin.stream.source.split.MqttSplit;
import dev.tocsin.stream.source.split.MqttSplitSerializer;
import java.util.List;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Reads feeds of the broker, never ends, and acknowledges on checkpoint completion.
 *
 * @param job {@code alarm} or {@code archive}; stands in the client ids
 * @param shards the same count in every process of a site
 */
public record MqttSource(BrokerAccess broker, String job, List<Feed> feeds, int shards, Window window)
        implements Source<UplinkMessage, MqttSplit, NothingToKeep> {

    public MqttSource {
        feeds = List.copyOf(feeds);
    }

    /** What is read, each with a session of its own. */
    public List<MqttSplit> splits() {
        return MqttSplit.of(feeds, shards);
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<UplinkMessage, MqttSplit> createReader(SourceReaderContext context) {
        return new MqttReader(broker, job, window, context.metricGroup());
    }

    @Override
    public SplitEnumerator<MqttSplit, NothingToKeep> createEnumerator(SplitEnumeratorContext<MqttSplit> context) {
        return new MqttEnumerator(context, splits());
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
}
