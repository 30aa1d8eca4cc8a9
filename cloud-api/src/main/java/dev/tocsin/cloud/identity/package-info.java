/**
 * Who a gateway and a device are to the platform.
 *
 * <p>Enters: an administrator's wish to let a gateway in, a gateway's signing request. Leaves: short-lived client
 * certificates, passwords of devices, and, as files beside the broker, who is no longer let in. Start with {@link
 * dev.tocsin.cloud.identity.GatewayRoutes}; why it is so is in {@code docs/decisions/0029-identity-of-gateways.md}.
 */
@NullMarked
package dev.tocsin.cloud.identity;

import org.jspecify.annotations.NullMarked;
