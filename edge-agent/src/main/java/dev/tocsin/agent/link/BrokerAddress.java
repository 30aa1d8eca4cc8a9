package dev.tocsin.agent.link;

import dev.tocsin.profiles.wire.PromptSockets;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.jspecify.annotations.Nullable;

/**
 * A broker and how to log in there. A password file is read at every connect, so that a changed one needs no restart.
 *
 * @param url {@code tcp://host:port} or {@code ssl://host:port}
 */
public record BrokerAddress(
        String url,
        @Nullable String user,
        @Nullable String password,
        @Nullable Path passwordFile) {

    /** Options of a connection that this agent makes again by itself when it is lost. */
    public MqttConnectionOptions options(int keepAliveSeconds) throws IOException {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setAutomaticReconnect(false);
        options.setSocketFactory(PromptSockets.of(url));
        options.setConnectionTimeout(10);
        options.setKeepAliveInterval(keepAliveSeconds);
        if (user != null) {
            options.setUserName(user);
        }
        byte[] secret = secret();
        if (secret != null) {
            options.setPassword(secret);
        }
        return options;
    }

    private byte @Nullable [] secret() throws IOException {
        if (passwordFile != null) {
            return Files.readString(passwordFile).strip().getBytes(StandardCharsets.UTF_8);
        }
        return password == null ? null : password.getBytes(StandardCharsets.UTF_8);
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return user == null ? url : user + "@" + url;
    }
}
