package dev.tocsin.stream.source;

import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.FilterFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * Where a job's messages come from.
 *
 * @param broker every feed
 * @param kafka feeds that tell events, once more or instead; absent where the site has none
 */
public record Uplink(
        Source<UplinkMessage, ?, ?> broker, @Nullable Source<UplinkMessage, ?, ?> kafka) {
    /** Of the one source whose state a job may do without: Kafka keeps its offsets too. */
    public static final String KAFKA_UID = "uplink-kafka";

    public Uplink(Source<UplinkMessage, ?, ?> broker) {
        this(broker, null);
    }

    /** Defines the sources. */
    public Messages in(StreamExecutionEnvironment env) {
        return new Messages(stream(env, broker, "uplink"), kafka == null ? null : stream(env, kafka, KAFKA_UID));
    }

    private static DataStream<UplinkMessage> stream(
            StreamExecutionEnvironment env, Source<UplinkMessage, ?, ?> source, String uid) {
        return env.fromSource(source, WatermarkStrategy.noWatermarks(), uid, TypeInformation.of(UplinkMessage.class))
                .uid(uid);
    }

    /** Messages as they come, by either way. */
    public record Messages(
            DataStream<UplinkMessage> ofBroker, @Nullable DataStream<UplinkMessage> ofKafka) {
        public DataStream<UplinkMessage> all() {
            return ofKafka == null ? ofBroker : ofBroker.union(ofKafka);
        }

        /** Filtered before they are united: a filter of two inputs would be no part of its source's task. */
        public DataStream<UplinkMessage> only(String uid, String name, FilterFunction<UplinkMessage> which) {
            DataStream<UplinkMessage> selected = ofBroker.filter(which).uid(uid).name(name);
            return ofKafka == null
                    ? selected
                    : selected.union(ofKafka.filter(which).uid(uid + "-kafka").name(name + " from Kafka"));
        }
    }
}
