/**
 * What the cloud wants of this gateway. Retained messages enter, the registry that decoding, judging and the uplink ask
 * leaves. Start with {@link dev.tocsin.agent.desired.Registry}.
 */
@NullMarked
package dev.tocsin.agent.desired;

import org.jspecify.annotations.NullMarked;
