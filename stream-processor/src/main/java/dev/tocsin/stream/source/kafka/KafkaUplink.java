package dev.tocsin.stream.source.kafka;

import dev.tocsin.profiles.config.Settings;
import dev.tocsin.stream.source.Feed;
import dev.tocsin.stream.source.UplinkMessage;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.KafkaSourceBuilder;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumState;
import org.apache.flink.connector.kafka.source.enumerator.KafkaSourceEnumStateSerializer;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplit;
import org.apache.flink.connector.kafka.source.split.KafkaPartitionSplitSerializer;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.kafka.clients.consumer.OffsetResetStrategy;
import org.jspecify.annotations.Nullable;

/**
 * Reads the uplink from Kafka with Flink's own source, never ends, and never fails the job for Kafka's sake. How far it
 * has read is in the checkpoints, and committed to Kafka when one is complete; without a checkpoint it begins where it
 * was committed, and where nothing was, with the oldest record there is. Gateways whose messages come by the broker as
 * well are no matter: what comes twice is counted once further on.
 */
public record KafkaUplink(KafkaAccess access, List<Feed> feeds)
        implements Source<UplinkMessage, KafkaPartitionSplit, KafkaSourceEnumState> {

    public KafkaUplink {
        feeds = List.copyOf(feeds);
    }

    /**
     * The source that is configured; absent where there is none.
     *
     * @param job {@code alarm} or {@code archive}
     * @param feeds what the job reads of the broker; of these Kafka is read for what tells events. An old status would
     *     contradict the newer one that the broker brought already.
     */
    public static @Nullable KafkaUplink read(Settings settings, String job, List<Feed> feeds) {
        KafkaAccess access = KafkaAccess.read(settings, job);
        return access == null ? null : new KafkaUplink(access, feeds);
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<UplinkMessage, KafkaPartitionSplit> createReader(SourceReaderContext context) {
        KafkaSource<UplinkMessage> kafka = source(context.metricGroup());
        SourceReaderContext unmetered = new UnmeteredContext(context);
        return new PatientReader(access, () -> kafka.createReader(unmetered), context.metricGroup());
    }

    @Override
    public SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> createEnumerator(
            SplitEnumeratorContext<KafkaPartitionSplit> context) {
        PatientContext patient = new PatientContext(access, context);
        return new PatientEnumerator(source(unmetered()).createEnumerator(patient), patient);
    }

    @Override
    public SplitEnumerator<KafkaPartitionSplit, KafkaSourceEnumState> restoreEnumerator(
            SplitEnumeratorContext<KafkaPartitionSplit> context, KafkaSourceEnumState checkpoint) throws IOException {
        PatientContext patient = new PatientContext(access, context);
        return new PatientEnumerator(source(unmetered()).restoreEnumerator(patient, checkpoint), patient);
    }

    @Override
    public SimpleVersionedSerializer<KafkaPartitionSplit> getSplitSerializer() {
        return new KafkaPartitionSplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<KafkaSourceEnumState> getEnumeratorCheckpointSerializer() {
        return new KafkaSourceEnumStateSerializer();
    }

    private static MetricGroup unmetered() {
        return new UnregisteredMetricsGroup();
    }

    @SuppressWarnings("deprecation") // The strategy's class is what the connector asks for.
    private KafkaSource<UplinkMessage> source(MetricGroup metrics) {
        KafkaSourceBuilder<UplinkMessage> builder = KafkaSource.<UplinkMessage>builder()
                .setProperties(access.properties())
                .setStartingOffsets(OffsetsInitializer.committedOffsets(OffsetResetStrategy.EARLIEST))
                .setDeserializer(new KafkaRecords(feeds, Clock.systemUTC(), metrics));
        return (access.pattern() == null
                        ? builder.setTopics(access.topics())
                        : builder.setTopicPattern(access.pattern()))
                .build();
    }
}
