/**
 * The embedded MQTT 5 broker, a process of its own.
 *
 * <p>Enters: a port, a data folder, a file of users. Leaves: what was acknowledged, to everyone who has a session for
 * it, also after a {@code kill -9}. Start reading at {@link dev.tocsin.standalone.broker.BrokerMain}; what Artemis is told
 * to do otherwise than by default stands in {@link dev.tocsin.standalone.broker.EmbeddedBroker}.
 */
@NullMarked
package dev.tocsin.standalone.broker;

import org.jspecify.annotations.NullMarked;
