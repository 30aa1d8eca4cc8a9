package dev.tocsin.stream.source.kafka;

import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.stream.source.Feed;
import dev.tocsin.stream.source.UplinkMessage;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.metrics.Counter;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A record whose key is the MQTT topic, in UTF-8, and whose value is the payload becomes the message that the broker
 * would have brought. One with another key is counted and passed over: it names no gateway whose it could be. For one
 * thread.
 */
final class KafkaRecords implements KafkaRecordDeserializationSchema<UplinkMessage> {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaRecords.class);
    private static final byte[] NOTHING = new byte[0];
    /** One line in this many is logged. */
    private static final long BAD_KEYS_A_LINE = 1_000;

    private final List<Feed> feeds;
    private final Clock clock;
    private final Counter taken;
    private final Counter badKeys;

    /**
     * @param feeds what the job reads; records of others are passed over, and are none of its business
     * @param clock of this process: the time in a record is that of whoever put it into Kafka, and it may have lain there
     */
    KafkaRecords(List<Feed> feeds, Clock clock, MetricGroup metrics) {
        this.feeds = feeds.stream().filter(Feed::tellsEvents).toList();
        this.clock = clock;
        this.taken = metrics.counter("kafkaMessages");
        this.badKeys = metrics.counter("kafkaKeysBad");
    }

    @Override
    public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<UplinkMessage> out) {
        String topic = record.key() == null ? "" : new String(record.key(), StandardCharsets.UTF_8);
        Topics.Up up;
        try {
            up = Topics.parseUp(topic);
        } catch (IllegalArgumentException e) {
            up = null;
        }
        if (up == null || up.shard() < 0 || !Topics.ID.matcher(up.gateway()).matches()) {
            bad(record);
            return;
        }
        Optional<Feed> feed = Feed.of(up.lane()).filter(feeds::contains);
        if (feed.isPresent()) {
            taken.inc();
            // An empty payload may come as no value at all.
            byte[] payload = record.value() == null ? NOTHING : record.value();
            out.collect(new UplinkMessage(feed.get(), up.shard(), topic, up.gateway(), payload, clock.millis()));
        }
    }

    private void bad(ConsumerRecord<byte[], byte[]> record) {
        badKeys.inc();
        if (badKeys.getCount() % BAD_KEYS_A_LINE == 1) {
            LOG.warn(
                    "The key of record {} of {}-{} is no topic of the uplink; {} such so far",
                    record.offset(),
                    record.topic(),
                    record.partition(),
                    badKeys.getCount());
        }
    }

    @Override
    public TypeInformation<UplinkMessage> getProducedType() {
        return TypeInformation.of(UplinkMessage.class);
    }
}
