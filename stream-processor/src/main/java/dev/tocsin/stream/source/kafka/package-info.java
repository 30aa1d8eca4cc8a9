/**
 * The uplink by way of a site's own Kafka: records enter whose key is the MQTT topic and whose value is the payload,
 * {@link dev.tocsin.stream.source.UplinkMessage}s leave. Flink's source reads them; what is added here is that a Kafka
 * which is away or refuses us is waited for instead of failing the job, which has the broker to read. Start with
 * {@link dev.tocsin.stream.source.kafka.KafkaUplink}.
 */
@NullMarked
package dev.tocsin.stream.source.kafka;

import org.jspecify.annotations.NullMarked;
