package dev.tocsin.agent.coap;

import dev.tocsin.agent.observe.AgentMetrics;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Principal;
import java.security.cert.X509Certificate;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.eclipse.californium.elements.auth.PreSharedKeyIdentity;
import org.eclipse.californium.elements.config.CertificateAuthenticationMode;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.util.Filter;
import org.eclipse.californium.elements.util.SslContextUtil;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConfig.DtlsRole;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.CertificateType;
import org.eclipse.californium.scandium.dtls.ConnectionIdGenerator;
import org.eclipse.californium.scandium.dtls.SingleNodeConnectionIdGenerator;
import org.eclipse.californium.scandium.dtls.x509.SingleCertificateProvider;
import org.eclipse.californium.scandium.dtls.x509.StaticNewAdvancedCertificateVerifier;
import org.jspecify.annotations.Nullable;

/**
 * DTLS 1.2 for devices that come with a key or a certificate. Bounds: the sessions that the settings allow; of more, the
 * one longest unused makes room. A handshake costs nothing before the
 * other side has shown that its address is its own (HelloVerifyRequest).
 */
final class DtlsServer {
    /**
     * For so long a session in use is not ended for somebody new. Whoever finds no place is sent back to the start of the
     * handshake by the library and comes again at once, so this is short.
     */
    private static final long SPARED_SECONDS = 1;
    /** Of a connection id: enough for every session, and to be found by chance by nobody. */
    private static final int CONNECTION_ID_BYTES = 6;

    private final DTLSConnector connector;
    private final HandshakeWatch watch;

    /**
     * @param unknown told each identity that nobody has
     * @throws IllegalStateException naming the file that cannot be used
     */
    DtlsServer(
            CoapSettings.Dtls settings,
            Configuration base,
            Credentials credentials,
            Consumer<String> unknown,
            CoapMetrics metrics,
            AgentMetrics gauges) {
        watch = new HandshakeWatch(metrics);
        Configuration configuration = new Configuration(base)
                .set(DtlsConfig.DTLS_ROLE, DtlsRole.SERVER_ONLY)
                .set(DtlsConfig.DTLS_MAX_CONNECTIONS, settings.sessions())
                .set(DtlsConfig.DTLS_STALE_CONNECTION_THRESHOLD, SPARED_SECONDS, TimeUnit.SECONDS)
                .set(DtlsConfig.DTLS_CLIENT_AUTHENTICATION_MODE, CertificateAuthenticationMode.NEEDED)
                .set(DtlsConfig.DTLS_REMOVE_STALE_DOUBLE_PRINCIPALS, true);
        DtlsConnectorConfig.Builder builder = DtlsConnectorConfig.builder(configuration)
                .setAddress(settings.address())
                .setLoggingTag("coaps")
                .setConnectionIdGenerator(connectionIds(settings.connectionId()))
                .setAdvancedPskStore(new PskStore(credentials, (handshake, identity) -> {
                    unknown.accept(identity);
                    watch.refuse(handshake);
                }))
                .setSessionListener(watch)
                .setConnectionListener(watch);
        if (settings.identity() != null) {
            identify(builder, settings.identity());
        }
        connector = new DTLSConnector(builder.build());
        gauges.gauge("dtls.sessions", "Established", watch::sessions);
    }

    /** @param used whether the server can be found again by it, and not only others */
    static @Nullable ConnectionIdGenerator connectionIds(boolean used) {
        return used ? new SingleNodeConnectionIdGenerator(CONNECTION_ID_BYTES) : null;
    }

    /** Gives the gateway a certificate, and says whose it believes. */
    static void identify(DtlsConnectorConfig.Builder builder, CoapSettings.Identity identity) {
        SslContextUtil.Credentials own = pem(identity.key());
        SslContextUtil.Credentials chain = pem(identity.certificate());
        SslContextUtil.Credentials authorities = pem(identity.authorities());
        X509Certificate[] certificates = certificatesOf(chain, identity.certificate());
        if (own.getPrivateKey() == null) {
            throw new IllegalStateException(identity.key() + " holds no private key");
        }
        builder.setCertificateIdentityProvider(
                        new SingleCertificateProvider(own.getPrivateKey(), certificates, CertificateType.X_509))
                .setAdvancedCertificateVerifier(StaticNewAdvancedCertificateVerifier.builder()
                        .setTrustedCertificates(certificatesOf(authorities, identity.authorities()))
                        .build());
    }

    private static X509Certificate[] certificatesOf(SslContextUtil.Credentials pem, Path file) {
        X509Certificate[] certificates = pem.getCertificateChain();
        if (certificates == null) {
            certificates = SslContextUtil.asX509Certificates(pem.getTrustedCertificates());
        }
        if (certificates == null || certificates.length == 0) {
            throw new IllegalStateException(file + " holds no certificate");
        }
        return certificates;
    }

    private static SslContextUtil.Credentials pem(Path file) {
        try (InputStream in = Files.newInputStream(file)) {
            return SslContextUtil.loadPemCredentials(in);
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalStateException(file + " cannot be used: " + e.getMessage(), e);
        }
    }

    DTLSConnector connector() {
        return connector;
    }

    /** Ends the sessions of identities that are no more what they were. */
    void end(Set<String> identities) {
        if (!identities.isEmpty()) {
            Filter<Principal> over = principal ->
                    principal instanceof PreSharedKeyIdentity psk && identities.contains(psk.getIdentity());
            connector.startTerminateConnectionsForPrincipal(over);
        }
    }
}
