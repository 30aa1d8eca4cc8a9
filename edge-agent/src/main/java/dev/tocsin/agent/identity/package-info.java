/**
 * Who this gateway is to the platform.
 *
 * <p>Enters: an address, a one-time token, and how to know the platform's authority. Leaves: a key that was made here and
 * never leaves, and a certificate for it that is renewed in time, as files that every connection reads anew. Start with
 * {@link dev.tocsin.agent.identity.IdentityKeeper}; why it is so is in {@code docs/decisions/0029-identity-of-gateways.md}.
 */
@NullMarked
package dev.tocsin.agent.identity;

import org.jspecify.annotations.NullMarked;
