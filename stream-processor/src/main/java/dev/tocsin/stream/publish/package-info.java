/**
 * Alerts and pulses enter, messages on the broker leave: alerts at once and surely, pulses at once or not at all. Start
 * with {@link dev.tocsin.stream.publish.MqttSink}.
 */
@NullMarked
package dev.tocsin.stream.publish;

import org.jspecify.annotations.NullMarked;
