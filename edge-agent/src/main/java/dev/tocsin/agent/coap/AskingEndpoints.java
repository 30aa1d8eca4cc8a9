package dev.tocsin.agent.coap;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.eclipse.californium.core.CoapClient;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConfig.DtlsRole;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.SingleNodeConnectionIdGenerator;

/** The sockets from which the agent asks: one for {@code coap}, one for {@code coaps}. */
final class AskingEndpoints implements AutoCloseable {
    private static final int MAX_BODY_BYTES = 16 * 1024;

    private final PskStore keys;
    private final DTLSConnector connector;
    private final CoapEndpoint plainEndpoint;
    private final CoapEndpoint secureEndpoint;
    private final CoapClient plain;
    private final CoapClient secure;

    /** @throws UncheckedIOException when no socket can be had */
    AskingEndpoints(
            CoapSettings settings,
            Credentials credentials,
            CoapEndpoints endpoints,
            ScheduledThreadPoolExecutor threads) {
        keys = new PskStore(credentials, (handshake, identity) -> {});
        Configuration configuration = Configurations.ofClient(ServerList.MAX_SERVERS, MAX_BODY_BYTES)
                .set(DtlsConfig.DTLS_ROLE, DtlsRole.CLIENT_ONLY)
                // A device is known by its common name; its address is what the list says.
                .set(DtlsConfig.DTLS_VERIFY_SERVER_CERTIFICATES_SUBJECT, false);
        DtlsConnectorConfig.Builder builder = DtlsConnectorConfig.builder(configuration)
                .setLoggingTag("coaps-client")
                .setAdvancedPskStore(keys)
                .setConnectionIdGenerator(new SingleNodeConnectionIdGenerator(0));
        if (settings.dtls() != null && settings.dtls().identity() != null) {
            DtlsServer.identify(builder, settings.dtls().identity());
        }
        connector = new DTLSConnector(builder.build());
        plainEndpoint = endpoints.build(CoapEndpoint.builder().setConfiguration(configuration));
        secureEndpoint = endpoints.build(
                CoapEndpoint.builder().setConfiguration(configuration).setConnector(connector));
        plain = client(plainEndpoint, threads);
        secure = client(secureEndpoint, threads);
    }

    private static CoapClient client(CoapEndpoint endpoint, ScheduledThreadPoolExecutor threads) {
        endpoint.setExecutors(threads, threads);
        try {
            endpoint.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new CoapClient().setEndpoint(endpoint).setExecutors(threads, threads, true);
    }

    CoapClient of(String scheme) {
        return scheme.equals("coaps") ? secure : plain;
    }

    /** Says which device is found at an address, so that it is met with its key. */
    void expect(InetSocketAddress address, String device) {
        keys.expect(address, device);
    }

    /** A device that does not answer may have restarted, and forgotten the session. */
    void beginAnew(InetSocketAddress address) {
        connector.forceResumeSessionFor(address);
    }

    @Override
    public void close() {
        plainEndpoint.destroy();
        secureEndpoint.destroy();
    }
}
