/**
 * What the agent says of itself: counters and health over HTTP on a local port, and the pulse. Start with
 * {@link dev.tocsin.agent.observe.AgentMetrics}.
 */
@NullMarked
package dev.tocsin.agent.observe;

import org.jspecify.annotations.NullMarked;
