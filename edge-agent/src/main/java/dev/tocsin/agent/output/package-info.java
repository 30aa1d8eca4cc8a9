/**
 * What the gateway itself does about an alert, with or without an uplink: alerts enter from the judge, orders leave to
 * sirens, relays and programs, and both are logged. Start with {@link dev.tocsin.agent.output.Outputs}.
 */
@NullMarked
package dev.tocsin.agent.output;

import org.jspecify.annotations.NullMarked;
