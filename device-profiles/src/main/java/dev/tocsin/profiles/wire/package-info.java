/**
 * The uplink between agent and cloud: topics, lanes, sequences, and blocks and batches to and from bytes. Readings
 * enter, bytes leave, and the reverse; start with {@link dev.tocsin.profiles.wire.UplinkCodec}.
 */
@NullMarked
package dev.tocsin.profiles.wire;

import org.jspecify.annotations.NullMarked;
