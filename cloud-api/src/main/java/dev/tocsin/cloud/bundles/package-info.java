/**
 * Versions of the edge agent. A vendor's signed bundle and a crew's order enter; the bundle for whoever fetches
 * it, and the order as retained desired state, leave. Start with {@link dev.tocsin.cloud.bundles.AgentUpdates}.
 */
@NullMarked
package dev.tocsin.cloud.bundles;

import org.jspecify.annotations.NullMarked;
