package dev.tocsin.agent.link;

import dev.tocsin.profiles.config.Settings;
import dev.tocsin.profiles.wire.PromptSocket;
import dev.tocsin.profiles.wire.PromptSockets;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocketFactory;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.jspecify.annotations.Nullable;

/**
 * A broker and how to log in there. Password and TLS files are read at every connect, so that changed ones need no
 * restart.
 *
 * @param url {@code tcp://host:port} or {@code ssl://host:port}
 * @param tls of an {@code ssl} URL
 */
public record BrokerAddress(
        String url,
        @Nullable String user,
        @Nullable String password,
        @Nullable Path passwordFile,
        Tls tls) {
    private static final String TLS = "ssl";

    /** A broker that asks for nothing. */
    public static BrokerAddress open(String url) {
        return new BrokerAddress(url, null, null, null, Tls.OF_RUNTIME);
    }

    /** Reads the keys that begin with {@code prefix}; what is wrong with them is told to {@code settings}. */
    public static BrokerAddress from(Settings settings, String prefix, String defaultUrl) {
        return read(settings, prefix, settings.text(prefix + ".url", defaultUrl))
                .get(0);
    }

    /** The same, but the URL may be several with commas between, which share all the rest; at least one. */
    public static List<BrokerAddress> listFrom(Settings settings, String prefix, String defaultUrl) {
        return read(settings, prefix, settings.text(prefix + ".url", defaultUrl).split("\\s*,\\s*", -1));
    }

    private static List<BrokerAddress> read(Settings settings, String prefix, String... urls) {
        String user = settings.optional(prefix + ".user");
        String password = settings.optional(prefix + ".password");
        String passwordFile = settings.optional(prefix + ".password-file");
        Tls tls = Tls.from(settings, prefix);
        List<BrokerAddress> brokers = new ArrayList<>();
        for (String url : urls) {
            String scheme = schemeOf(url);
            if (url.contains("@")) {
                // Everything that shows the address would show the password.
                settings.refuse("--" + prefix + ".url names a user: that is said by --" + prefix + ".user and --"
                        + prefix + ".password-file");
            } else if (scheme == null) {
                settings.refuse("--" + prefix + ".url = '" + url + "' is neither tcp://host:port nor ssl://host:port");
            } else if (tls.isConfigured() && !scheme.equals(TLS)) {
                settings.refuse("--" + prefix + ".url = '" + url + "' is not ssl://, but TLS files are named: " + tls);
            }
            brokers.add(
                    new BrokerAddress(url, user, password, passwordFile == null ? null : Path.of(passwordFile), tls));
        }
        return brokers;
    }

    private static @Nullable String schemeOf(String url) {
        try {
            URI uri = new URI(url);
            String scheme = uri.getScheme();
            boolean known = "tcp".equals(scheme) || TLS.equals(scheme);
            return known && uri.getHost() != null && uri.getPath().isEmpty() ? scheme : null;
        } catch (URISyntaxException e) {
            return null;
        }
    }

    /** As the client has to be given it, with sockets of {@link PromptSockets}. */
    public String clientUrl() {
        return PromptSockets.clientUrl(url);
    }

    /**
     * What a socket speaks to it through, nothing where it is spoken to in the clear.
     *
     * @throws IOException naming the file that cannot be used, and why
     */
    public @Nullable SSLSocketFactory tlsSockets() throws IOException {
        return TLS.equals(schemeOf(url)) ? tls.context().getSocketFactory() : null;
    }

    /** Whether nothing is said of how to log in. */
    public boolean isOpen() {
        return user == null && password == null && passwordFile == null && !tls.isConfigured();
    }

    /**
     * Options of a connection that this agent makes again by itself when it is lost.
     *
     * @throws IOException naming the file that cannot be used, and why
     */
    public MqttConnectionOptions options(int keepAliveSeconds) throws IOException {
        SSLSocketFactory tlsSockets = tlsSockets();
        return options(keepAliveSeconds, () -> new PromptSocket(tlsSockets));
    }

    /**
     * The same by sockets of the caller's, which speak through {@link #tlsSockets}.
     *
     * @throws IOException naming the file that cannot be used, and why
     */
    public MqttConnectionOptions options(int keepAliveSeconds, Supplier<? extends PromptSocket> sockets)
            throws IOException {
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setAutomaticReconnect(false);
        options.setSocketFactory(new PromptSockets(sockets));
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
            String text = new String(PemFiles.read(passwordFile), StandardCharsets.UTF_8);
            return text.strip().getBytes(StandardCharsets.UTF_8);
        }
        return password == null ? null : password.getBytes(StandardCharsets.UTF_8);
    }

    /** Why a connection to it failed, for the log. */
    public String reason(Exception e) {
        Throwable cause = e.getCause();
        if (cause == null || e instanceof IOException) {
            return String.valueOf(e.getMessage());
        }
        String files = cause instanceof SSLException ? "; " + tls : "";
        return e.getMessage() + " (" + cause.getMessage() + files + ")";
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return user == null ? url : user + "@" + url;
    }
}
