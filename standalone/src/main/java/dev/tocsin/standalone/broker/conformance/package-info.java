/**
 * What this platform asks of any MQTT 5 broker, as checks that can be run against one.
 *
 * <p>Enters: a broker's address and credentials. Leaves: per check, passed or what was otherwise. Start reading at
 * {@link dev.tocsin.standalone.broker.conformance.BrokerConformance}. Only brokers that passed are named in the
 * documentation.
 */
@NullMarked
package dev.tocsin.standalone.broker.conformance;

import org.jspecify.annotations.NullMarked;
