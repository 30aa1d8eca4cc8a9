/**
 * What is open now, in memory. Alerts from the durable subscription, acknowledgements and what the store remembers enter;
 * snapshots and changes leave over the live WebSocket, whether the database answers or not. Start with
 * {@link dev.tocsin.cloud.live.LiveAlerts}.
 */
@NullMarked
package dev.tocsin.cloud.live;

import org.jspecify.annotations.NullMarked;
