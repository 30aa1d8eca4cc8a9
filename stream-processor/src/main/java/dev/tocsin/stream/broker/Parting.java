package dev.tocsin.stream.broker;

import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The end of a client, in whatever state it is. */
public final class Parting {
    private static final Logger LOG = LoggerFactory.getLogger(Parting.class);
    private static final long POLITE_MS = 1_000;
    private static final long FORCED_MS = 100;

    private Parting() {}

    /**
     * Takes leave where there is a connection, and frees the client's threads and socket. Alone, {@code close} refuses
     * while a connect is under way, and would leave both behind for each attempt that a broker does not answer.
     */
    public static void from(@Nullable MqttAsyncClient client) {
        if (client == null) {
            return;
        }
        try {
            if (client.isConnected()) {
                client.disconnect(0).waitForCompletion(POLITE_MS);
            }
        } catch (MqttException e) {
            LOG.debug("{} did not part in peace: {}", client.getClientId(), e.toString());
        }
        try {
            client.disconnectForcibly(0, FORCED_MS, false);
        } catch (MqttException e) {
            LOG.debug("{} was not connected: {}", client.getClientId(), e.toString());
        }
        try {
            client.close(true);
        } catch (MqttException e) {
            LOG.debug("{} did not close: {}", client.getClientId(), e.toString());
        }
    }
}
