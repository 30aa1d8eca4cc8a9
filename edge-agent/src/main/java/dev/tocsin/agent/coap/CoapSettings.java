package dev.tocsin.agent.coap;

import dev.tocsin.profiles.config.Settings;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Everything that can be configured of CoAP.
 *
 * @param plain where CoAP without DTLS is served; null where it is not
 * @param dtls null where DTLS is not served
 * @param credentials file of the devices' keys; null for none
 * @param servers file that says where devices are that are CoAP servers; null for none
 * @param multicast address or name of the network interface on which the group of CoIoT is joined; null for none
 */
public record CoapSettings(
        @Nullable InetSocketAddress plain,
        @Nullable Dtls dtls,
        @Nullable Path credentials,
        @Nullable Path servers,
        @Nullable String multicast,
        int multicastPort) {

    /**
     * The server's side of DTLS.
     *
     * @param identity certificate and key of this gateway, PEM; null for pre-shared keys only
     * @param sessions how many are kept; of more, the one longest unused ends
     * @param connectionId whether devices may go on under another address
     */
    public record Dtls(InetSocketAddress address, @Nullable Identity identity, int sessions, boolean connectionId) {}

    /**
     * Files in PEM.
     *
     * @param certificate this gateway's, with those between it and its root
     * @param key of the certificate, PKCS 8 or SEC 1, without a password
     * @param authorities who signs the certificates of devices
     */
    public record Identity(Path certificate, Path key, Path authorities) {}

    /** @param bind address of this machine on which CoAP listens */
    public static CoapSettings from(Settings settings, String bind) {
        int port = settings.integer("coap.port", "port", 5683, 0, 65_535);
        boolean plain = settings.flag("coap.plain", true);
        Path credentials = file(settings, "coap.credentials-file");
        Dtls dtls = dtls(settings, bind, credentials);
        Path servers = file(settings, "coap.servers-file");
        String multicast = settings.optional("coap.multicast");
        int multicastPort = settings.integer("coap.multicast-port", "port", 5683, 0, 65_535);
        if (!plain && dtls == null) {
            settings.refuse("--coap.plain (TOCSIN_COAP_PLAIN) = 'false' leaves no CoAP at all:"
                    + " give coap.credentials-file or a certificate as well");
        }
        return new CoapSettings(
                plain ? address(settings, bind, port) : null, dtls, credentials, servers, multicast, multicastPort);
    }

    private static @Nullable Dtls dtls(Settings settings, String bind, @Nullable Path credentials) {
        int port = settings.integer("coap.dtls.port", "port", 5684, 0, 65_535);
        Path certificate = file(settings, "coap.dtls.certificate-file");
        Path key = file(settings, "coap.dtls.key-file");
        Path authorities = file(settings, "coap.dtls.ca-file");
        int sessions = settings.integer("coap.dtls.sessions", "sessions", 1_000, 1, 20_000);
        boolean connectionId = settings.flag("coap.dtls.connection-id", true);
        Identity identity = certificate != null && key != null && authorities != null
                ? new Identity(certificate, key, authorities)
                : null;
        if (identity == null && (certificate != null || key != null || authorities != null)) {
            settings.refuse("coap.dtls.certificate-file, coap.dtls.key-file and coap.dtls.ca-file go together");
        }
        return identity == null && credentials == null
                ? null
                : new Dtls(address(settings, bind, port), identity, sessions, connectionId);
    }

    private static @Nullable Path file(Settings settings, String key) {
        String name = settings.optional(key);
        return name == null ? null : Path.of(name);
    }

    // One address is bound; which one of a name with several does not matter.
    @SuppressWarnings("AddressSelection")
    private static InetSocketAddress address(Settings settings, String bind, int port) {
        InetSocketAddress address = new InetSocketAddress(bind, port);
        if (address.isUnresolved()) {
            settings.refuse("--bind (TOCSIN_BIND) = '" + bind + "' is no address of this machine");
        }
        return address;
    }
}
