/**
 * What the cloud wants the edge and the stream to know, and what they say back: small JSON messages. Start with
 * {@link dev.tocsin.profiles.desired.GatewayState}.
 */
@NullMarked
package dev.tocsin.profiles.desired;

import org.jspecify.annotations.NullMarked;
