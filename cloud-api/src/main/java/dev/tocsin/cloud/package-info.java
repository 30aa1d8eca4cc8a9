/**
 * The cloud's side of the river: alerts and what the store holds leave over HTTP and one WebSocket; what people decide
 * (acknowledgements, registry, users) enters and is kept in schema {@code ops}; the registry leaves as retained desired
 * state. Start with {@link dev.tocsin.cloud.CloudApi}.
 */
@NullMarked
package dev.tocsin.cloud;

import org.jspecify.annotations.NullMarked;
