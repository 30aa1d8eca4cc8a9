package dev.tocsin.stream.broker;

import dev.tocsin.profiles.wire.PromptSockets;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.jspecify.annotations.Nullable;

/**
 * Where the broker is and who we are there. Serialisable, because it travels with the job.
 *
 * @param url {@code tcp://host:port} or {@code ssl://host:port}
 */
public record BrokerAccess(
        String url, @Nullable String user, @Nullable String password) implements Serializable {
    /** MQTT 5, 3.1.2.11.2: the session does not expire. */
    public static final long NEVER = 0xFFFF_FFFFL;

    private static final int CONNECT_TIMEOUT_SECONDS = 5;

    /** As the client has to be given it, with these options. */
    public String clientUrl() {
        return PromptSockets.clientUrl(url);
    }

    /**
     * Options of a client whose session outlives the connection, or of one that begins anew each time.
     *
     * @param receiveMaximum how many messages the broker may send before it needs an acknowledgement, 1 to 65,535
     */
    public MqttConnectionOptions options(boolean durable, int receiveMaximum, int keepAliveSeconds) {
        MqttConnectionOptions options = new MqttConnectionOptions();
        // Paho's automatic reconnect does not cover a failed first connect; every client here has its own loop.
        options.setAutomaticReconnect(false);
        options.setSocketFactory(PromptSockets.of(url));
        options.setCleanStart(!durable);
        options.setSessionExpiryInterval(durable ? NEVER : 0L);
        options.setReceiveMaximum(receiveMaximum);
        options.setConnectionTimeout(CONNECT_TIMEOUT_SECONDS);
        options.setKeepAliveInterval(keepAliveSeconds);
        if (user != null) {
            options.setUserName(user);
        }
        if (password != null) {
            options.setPassword(password.getBytes(StandardCharsets.UTF_8));
        }
        return options;
    }

    /** Never shows the password. */
    @Override
    public String toString() {
        return url + (user == null ? "" : " as " + user);
    }
}
