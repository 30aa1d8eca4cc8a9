/**
 * The way to the MQTT broker that every client of the jobs takes, and the way out again. Start with
 * {@link dev.tocsin.stream.broker.BrokerAccess}.
 */
@NullMarked
package dev.tocsin.stream.broker;

import org.jspecify.annotations.NullMarked;
