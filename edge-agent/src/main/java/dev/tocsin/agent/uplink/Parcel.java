package dev.tocsin.agent.uplink;

import dev.tocsin.profiles.wire.Sequences;
import java.util.List;

/**
 * One publication on its way.
 *
 * @param first where its lane goes on from when it was not delivered: a sequence, or the id of a message
 * @param blocks what may leave the spool when the broker has it
 */
record Parcel(
        long first, byte[] payload, List<Sequences.Range> blocks, List<Long> messages, List<Sequences.Range> evicted) {}
