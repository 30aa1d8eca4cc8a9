package dev.tocsin.agent.identity;

import dev.tocsin.agent.link.BrokerAddress;
import dev.tocsin.agent.link.Tls;
import dev.tocsin.profiles.config.Settings;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Where this gateway enrols.
 *
 * @param url {@code https://host:port} of the platform's listener for gateways; null where identities are not its matter
 * @param tokenFile holds the token alone; of no use once it was used
 * @param caFile the platform's authority, PEM
 * @param caFingerprint SHA-256 of its certificate, hexadecimal in lower case
 * @param folder of key and certificate
 */
public record IdentityConfig(
        @Nullable URI url,
        @Nullable Path tokenFile,
        @Nullable Path caFile,
        @Nullable String caFingerprint,
        Path folder) {
    private static final String FINGERPRINT = "[0-9a-f]{64}";

    /**
     * Reads the keys that begin with {@code enrol}.
     *
     * @param data the agent's folder
     */
    public static IdentityConfig from(Settings settings, Path data) {
        String url = settings.optional("enrol.url");
        Path tokenFile = path(settings.optional("enrol.token-file"));
        Path caFile = path(settings.optional("enrol.ca-file"));
        String given = settings.optional("enrol.ca-fingerprint");
        String fingerprint = given == null ? null : given.replace(":", "").toLowerCase(Locale.ROOT);
        if (fingerprint != null && !fingerprint.matches(FINGERPRINT)) {
            settings.refuse("--enrol.ca-fingerprint = '" + given + "' is not a SHA-256 in hexadecimal");
        }
        if (url != null && caFile == null && fingerprint == null) {
            settings.refuse("--enrol.url needs --enrol.ca-fingerprint or --enrol.ca-file: whoever answers there is told"
                    + " the token");
        }
        return new IdentityConfig(
                url == null ? null : parse(settings, url), tokenFile, caFile, fingerprint, data.resolve("identity"));
    }

    private static @Nullable URI parse(Settings settings, String url) {
        try {
            URI uri = new URI(url);
            if ("https".equals(uri.getScheme())
                    && uri.getHost() != null
                    && uri.getPath().matches("/?")) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // The same answer as for another scheme.
        }
        settings.refuse("--enrol.url = '" + url + "' is not https://host:port");
        return null;
    }

    private static @Nullable Path path(@Nullable String text) {
        return text == null ? null : Path.of(text);
    }

    /** The brokers, reached with this identity where they say nothing else of how to log in. */
    public List<BrokerAddress> identify(List<BrokerAddress> brokers, Settings settings) {
        if (url == null) {
            return brokers;
        }
        if (brokers.stream().noneMatch(broker -> broker.url().startsWith("ssl:"))) {
            settings.refuse("--enrol.url is given, but no --broker.url is ssl://: the certificate would be of no use");
        }
        IdentityFiles files = new IdentityFiles(folder);
        Tls own = new Tls(files.authorities(), files.identity(), files.identity());
        return brokers.stream()
                .map(broker -> broker.isOpen() && broker.url().startsWith("ssl:")
                        ? new BrokerAddress(broker.url(), null, null, null, own)
                        : broker)
                .toList();
    }
}
