/**
 * The gateway's memory. Decoded messages enter as {@link dev.tocsin.agent.spool.Work}, one thread commits what is
 * queued, and only then is the sender told; blocks and messages leave to the uplink until the broker has them. Start
 * with {@link dev.tocsin.agent.spool.Spool}.
 */
@NullMarked
package dev.tocsin.agent.spool;

import org.jspecify.annotations.NullMarked;
