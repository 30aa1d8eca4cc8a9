package dev.tocsin.agent;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.eclipse.californium.core.CoapClient;
import org.eclipse.californium.core.CoapResponse;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.UdpConfig;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConfig.DtlsRole;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.SingleNodeConnectionIdGenerator;
import org.eclipse.californium.scandium.dtls.pskstore.AdvancedSinglePskStore;
import org.eclipse.californium.scandium.dtls.x509.SingleCertificateProvider;
import org.eclipse.californium.scandium.dtls.x509.StaticNewAdvancedCertificateVerifier;

/** A device that speaks CoAP, with one socket for its whole life, as a small one has. */
final class CoapDevice implements AutoCloseable {
    static final int SENML_JSON = 110;
    private static final long PATIENCE_MS = 20_000;

    static {
        CoapConfig.register();
        UdpConfig.register();
        DtlsConfig.register();
    }

    private final CoapEndpoint endpoint;
    private final String scheme;
    private final CoapClient client = new CoapClient();

    private CoapDevice(String scheme, CoapEndpoint endpoint) throws Exception {
        this.scheme = scheme;
        this.endpoint = endpoint;
        endpoint.start();
        client.setEndpoint(endpoint).setTimeout(PATIENCE_MS);
    }

    /** For whoever is not going to be answered. */
    CoapDevice impatient() {
        client.setTimeout(2_500L);
        return this;
    }

    private static Configuration configuration() {
        return new Configuration()
                .set(CoapConfig.PROTOCOL_STAGE_THREAD_COUNT, 1)
                .set(CoapConfig.MAX_RESOURCE_BODY_SIZE, 1024 * 1024)
                .set(UdpConfig.UDP_RECEIVER_THREAD_COUNT, 1)
                .set(UdpConfig.UDP_SENDER_THREAD_COUNT, 1)
                .set(DtlsConfig.DTLS_RECEIVER_THREAD_COUNT, 1)
                .set(DtlsConfig.DTLS_CONNECTOR_THREAD_COUNT, 1)
                .set(DtlsConfig.DTLS_VERIFY_SERVER_CERTIFICATES_SUBJECT, false)
                .set(DtlsConfig.DTLS_ROLE, DtlsRole.CLIENT_ONLY);
    }

    private static InetSocketAddress anyPort() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    static CoapDevice plain() throws Exception {
        return new CoapDevice(
                "coap",
                CoapEndpoint.builder()
                        .setConfiguration(configuration())
                        .setInetSocketAddress(anyPort())
                        .build());
    }

    /** One whose requests go out as they are: blocks are the test's own business. */
    static CoapDevice byHand() throws Exception {
        return new CoapDevice(
                "coap",
                CoapEndpoint.builder()
                        .setConfiguration(configuration().set(CoapConfig.MAX_RESOURCE_BODY_SIZE, 0))
                        .setInetSocketAddress(anyPort())
                        .build());
    }

    static CoapDevice withKey(String identity, String key, boolean connectionId) throws Exception {
        DtlsConnectorConfig.Builder dtls = dtls(connectionId);
        dtls.setAdvancedPskStore(new AdvancedSinglePskStore(identity, key.getBytes(StandardCharsets.US_ASCII)));
        return secure(dtls);
    }

    static CoapDevice withCertificate(Certificates.Identity identity, Certificates authority) throws Exception {
        DtlsConnectorConfig.Builder dtls = dtls(true);
        dtls.setCertificateIdentityProvider(new SingleCertificateProvider(identity.key(), identity.chain()));
        dtls.setAdvancedCertificateVerifier(StaticNewAdvancedCertificateVerifier.builder()
                .setTrustedCertificates(authority.certificate())
                .build());
        return secure(dtls);
    }

    private static DtlsConnectorConfig.Builder dtls(boolean connectionId) {
        DtlsConnectorConfig.Builder dtls =
                DtlsConnectorConfig.builder(configuration()).setAddress(anyPort());
        return connectionId ? dtls.setConnectionIdGenerator(new SingleNodeConnectionIdGenerator(0)) : dtls;
    }

    private static CoapDevice secure(DtlsConnectorConfig.Builder dtls) throws Exception {
        return new CoapDevice(
                "coaps",
                CoapEndpoint.builder()
                        .setConfiguration(configuration())
                        .setConnector(new DTLSConnector(dtls.build()))
                        .build());
    }

    /** Null when nobody answers. */
    CoapResponse post(int port, String path, byte[] payload, int format, boolean confirmable) throws Exception {
        Request request = Request.newPost();
        request.setConfirmable(confirmable);
        request.setURI(scheme + "://127.0.0.1:" + port + "/" + path);
        request.setPayload(payload);
        request.getOptions().setContentFormat(format);
        return client.advanced(request);
    }

    CoapResponse post(int port, String path, String senMl) throws Exception {
        return post(port, path, senMl.getBytes(StandardCharsets.UTF_8), SENML_JSON, true);
    }

    CoapResponse send(Request request) throws Exception {
        return client.advanced(request);
    }

    CoapResponse get(int port, String path) throws Exception {
        Request request = Request.newGet();
        request.setURI(scheme + "://127.0.0.1:" + port + "/" + path);
        return client.advanced(request);
    }

    @Override
    public void close() {
        client.shutdown();
        endpoint.destroy();
    }
}
