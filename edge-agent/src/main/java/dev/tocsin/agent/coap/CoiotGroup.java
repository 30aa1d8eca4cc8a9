package dev.tocsin.agent.coap;

import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.agent.observe.Chore;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NetworkInterface;
import java.net.UnknownHostException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.network.Exchange;
import org.eclipse.californium.core.server.MessageDeliverer;
import org.eclipse.californium.elements.UdpMulticastConnector;
import org.eclipse.californium.elements.config.Configuration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Listens to the group that Shelly devices send their status to. A network that does not let the agent join it is no
 * reason to stop: it is said, and {@code tocsin_agent_coiot_group_refused} is 1.
 */
final class CoiotGroup implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CoiotGroup.class);
    /** All CoAP nodes, RFC 7252 section 12.8. */
    private static final String GROUP = "224.0.1.187";

    private static final long AGAIN_SECONDS = 30;

    private final @Nullable String where;
    private final int port;
    private final CoiotIntake coiot;
    private final CoapEndpoints endpoints;
    private final Configuration configuration;
    private final ScheduledThreadPoolExecutor threads;
    private volatile boolean refused;

    // Guarded by this.
    private @Nullable CoapEndpoint endpoint;
    private boolean closed;

    /** @param where address or name of a network interface; null for not to listen */
    CoiotGroup(
            @Nullable String where,
            int port,
            CoiotIntake coiot,
            CoapEndpoints endpoints,
            Configuration configuration,
            ScheduledThreadPoolExecutor threads,
            AgentMetrics metrics) {
        this.where = where;
        this.port = port;
        this.coiot = coiot;
        this.endpoints = endpoints;
        this.configuration = configuration;
        this.threads = threads;
        metrics.gauge("coiot.group.refused", "1 where the group cannot be joined", () -> refused ? 1 : 0);
    }

    void start() {
        if (where != null) {
            joinOn(where);
        }
    }

    private synchronized void joinOn(String name) {
        if (closed) {
            return;
        }
        try {
            endpoint = join(name);
            refused = false;
            LOG.info("CoIoT: joined {} port {} on {}", GROUP, port, name);
        } catch (IOException e) {
            if (!refused) {
                LOG.warn(
                        "CoIoT: the group {} port {} cannot be joined on {}: {}; trying on. The devices can send to this"
                                + " gateway itself as well",
                        GROUP,
                        port,
                        name,
                        e.getMessage());
            }
            refused = true;
            // The network of a gateway that was just switched on may not be there yet.
            threads.schedule(new Chore(() -> joinOn(name)), AGAIN_SECONDS, TimeUnit.SECONDS);
        }
    }

    private CoapEndpoint join(String name) throws IOException {
        InetAddress group = InetAddress.getByName(GROUP);
        // Bound to the group itself: the unicast port beside it is the server's.
        UdpMulticastConnector connector = new UdpMulticastConnector.Builder()
                .setLocalAddress(new InetSocketAddress(group, port))
                .addMulticastGroup(group, interfaceOf(name))
                .setConfiguration(configuration)
                .build();
        CoapEndpoint listener = endpoints.build(
                CoapEndpoint.builder().setConfiguration(configuration).setConnector(connector));
        listener.setExecutors(threads, threads);
        listener.setMessageDeliverer(new Deliverer(coiot));
        listener.start();
        return listener;
    }

    private static NetworkInterface interfaceOf(String where) throws IOException {
        NetworkInterface named = NetworkInterface.getByName(where);
        if (named == null) {
            try {
                named = NetworkInterface.getByInetAddress(InetAddress.getByName(where));
            } catch (UnknownHostException e) {
                throw new IOException("there is no such interface or address", e);
            }
        }
        if (named == null) {
            throw new IOException("there is no such interface or address");
        }
        return named;
    }

    /** Nobody is answered here: the address that the message went to is not the agent's. */
    private record Deliverer(CoiotIntake coiot) implements MessageDeliverer {
        @Override
        public void deliverRequest(Exchange exchange) {
            coiot.onStatus(exchange);
        }

        @Override
        public void deliverResponse(Exchange exchange, Response response) {
            // Nothing is asked here.
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (endpoint != null) {
            endpoint.destroy();
        }
    }
}
