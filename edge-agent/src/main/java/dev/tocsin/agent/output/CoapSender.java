package dev.tocsin.agent.output;

import dev.tocsin.agent.coap.CoapEndpoints;
import dev.tocsin.agent.observe.AgentMetrics;
import java.io.IOException;
import org.eclipse.californium.core.CoapClient;
import org.eclipse.californium.core.CoapResponse;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.UdpConfig;
import org.eclipse.californium.elements.exception.ConnectorException;

/** Puts and posts to CoAP servers in the field, confirmable. Safe for any thread. */
public final class CoapSender implements AutoCloseable {
    /** Three transmissions of RFC 7252's timing fit. */
    private static final long ANSWER_MS = 8_000;

    private static final int RETRANSMISSIONS = 2;

    static {
        CoapConfig.register();
        UdpConfig.register();
    }

    private final CoapEndpoint endpoint;

    public CoapSender(AgentMetrics metrics) {
        Configuration configuration = new Configuration()
                .set(CoapConfig.MAX_RETRANSMIT, RETRANSMISSIONS)
                .set(CoapConfig.PROTOCOL_STAGE_THREAD_COUNT, 1)
                .set(UdpConfig.UDP_RECEIVER_THREAD_COUNT, 1)
                .set(UdpConfig.UDP_SENDER_THREAD_COUNT, 1);
        endpoint = new CoapEndpoints(metrics).build(CoapEndpoint.builder().setConfiguration(configuration));
    }

    /**
     * Sends and waits for the answer.
     *
     * @throws IOException when there is none, or it is not one of success
     */
    public void send(String uri, boolean put, byte[] payload) throws IOException {
        CoapClient client = new CoapClient(uri);
        client.setEndpoint(endpoint);
        client.setTimeout(ANSWER_MS);
        try {
            int format = payload.length > 0 && payload[0] == '{'
                    ? MediaTypeRegistry.APPLICATION_JSON
                    : MediaTypeRegistry.TEXT_PLAIN;
            CoapResponse answer = put ? client.put(payload, format) : client.post(payload, format);
            if (answer == null) {
                throw new IOException(uri + " does not answer");
            }
            if (!answer.isSuccess()) {
                throw new IOException(uri + " answers " + answer.getCode());
            }
        } catch (ConnectorException e) {
            throw new IOException(uri + " cannot be reached: " + e.getMessage(), e);
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new IOException(uri + " cannot be asked: " + e.getMessage(), e);
        } finally {
            client.shutdown();
        }
    }

    @Override
    public void close() {
        endpoint.destroy();
    }
}
