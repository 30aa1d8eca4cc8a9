/**
 * The FLIP-27 source of the river. Messages of the broker enter, {@link dev.tocsin.stream.source.UplinkMessage}s
 * leave; a message is acknowledged to the broker when the checkpoint that covers it is complete. A split is one
 * shard of one {@link dev.tocsin.stream.source.Feed} and has its own persistent session. Nothing is decoded here: a
 * payload that cannot be read must not fail the job. Start with {@link dev.tocsin.stream.source.MqttSource}.
 */
@NullMarked
package dev.tocsin.stream.source;

import org.jspecify.annotations.NullMarked;
