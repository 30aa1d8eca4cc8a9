/**
 * How the agent reaches a broker: addresses, credentials and patience, for both its sides. Start with
 * {@link dev.tocsin.agent.link.BrokerAddress}.
 */
@NullMarked
package dev.tocsin.agent.link;

import org.jspecify.annotations.NullMarked;
