/**
 * The gateway process.
 *
 * <p>Enters: sensor traffic over MQTT, CoAP and panel protocols. Leaves: durable batches to the cloud broker.
 */
@NullMarked
package dev.tocsin.agent;

import org.jspecify.annotations.NullMarked;
