/**
 * The cloud's side. What waits in the spool enters, batches and messages leave to the broker, lane by lane and in order,
 * and the spool is told what the broker has. Start with {@link dev.tocsin.agent.uplink.Uplink}.
 */
@NullMarked
package dev.tocsin.agent.uplink;

import org.jspecify.annotations.NullMarked;
