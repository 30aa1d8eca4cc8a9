/**
 * Sessions with the MQTT 5 broker: messages and their acknowledgements enter, retained desired state leaves. Start with
 * {@link dev.tocsin.cloud.broker.BrokerSession}.
 */
@NullMarked
package dev.tocsin.cloud.broker;

import org.jspecify.annotations.NullMarked;
