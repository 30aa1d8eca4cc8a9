/**
 * What gateways say of themselves, and their last wills, enter; a claim leaves when one is away for too long, and when
 * it is back. Keyed by gateway. Start with {@link dev.tocsin.stream.presence.Presence}.
 */
@NullMarked
package dev.tocsin.stream.presence;

import org.jspecify.annotations.NullMarked;
