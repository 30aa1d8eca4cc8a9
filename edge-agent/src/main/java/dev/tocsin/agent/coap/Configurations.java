package dev.tocsin.agent.coap;

import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.UdpConfig;
import org.eclipse.californium.scandium.config.DtlsConfig;

/** What the libraries are told of a small gateway. */
final class Configurations {
    private static final int RECEIVE_BUFFER_BYTES = 1024 * 1024;
    /** Records of DTLS that wait for a thread; of more, the newest are dropped and sent again. */
    private static final int MAX_WAITING_RECORDS = 2_000;

    /** Whoever does not answer is known after some 20 s, and is asked again anyway. */
    private static final int CLIENT_RETRANSMITS = 2;

    private Configurations() {}

    static void register() {
        CoapConfig.register();
        UdpConfig.register();
        DtlsConfig.register();
    }

    /** For the endpoints that devices send to. */
    static Configuration ofServer(int peers, int messagesPerPeer, int bodyBytes) {
        return ofAny().set(CoapConfig.DEDUPLICATOR, CoapConfig.DEDUPLICATOR_PEERS_MARK_AND_SWEEP)
                .set(CoapConfig.PEERS_MARK_AND_SWEEP_MESSAGES, messagesPerPeer)
                .set(CoapConfig.MAX_ACTIVE_PEERS, peers)
                .set(CoapConfig.MAX_PEER_INACTIVITY_PERIOD, 60, TimeUnit.SECONDS)
                .set(CoapConfig.MAX_RESOURCE_BODY_SIZE, bodyBytes);
    }

    /** For the endpoints that the agent asks from. */
    static Configuration ofClient(int peers, int bodyBytes) {
        return ofAny().set(CoapConfig.MAX_ACTIVE_PEERS, peers)
                .set(CoapConfig.MAX_RETRANSMIT, CLIENT_RETRANSMITS)
                .set(CoapConfig.MAX_RESOURCE_BODY_SIZE, bodyBytes)
                .set(DtlsConfig.DTLS_MAX_CONNECTIONS, peers);
    }

    private static Configuration ofAny() {
        return new Configuration()
                .set(CoapConfig.PROTOCOL_STAGE_THREAD_COUNT, 2)
                .set(UdpConfig.UDP_RECEIVER_THREAD_COUNT, 1)
                .set(UdpConfig.UDP_SENDER_THREAD_COUNT, 1)
                .set(UdpConfig.UDP_RECEIVE_BUFFER_SIZE, RECEIVE_BUFFER_BYTES)
                .set(DtlsConfig.DTLS_RECEIVER_THREAD_COUNT, 1)
                .set(DtlsConfig.DTLS_CONNECTOR_THREAD_COUNT, 2)
                .set(DtlsConfig.DTLS_RECEIVE_BUFFER_SIZE, RECEIVE_BUFFER_BYTES)
                .set(DtlsConfig.DTLS_MAX_PENDING_INBOUND_JOBS, MAX_WAITING_RECORDS)
                .set(DtlsConfig.DTLS_MAX_PENDING_OUTBOUND_JOBS, MAX_WAITING_RECORDS)
                .set(DtlsConfig.DTLS_MAX_PENDING_HANDSHAKE_RESULT_JOBS, MAX_WAITING_RECORDS);
    }
}
