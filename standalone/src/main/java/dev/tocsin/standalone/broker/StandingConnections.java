package dev.tocsin.standalone.broker;

import dev.tocsin.standalone.broker.access.BrokerSecurity;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.activemq.artemis.api.core.ActiveMQDisconnectedException;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.spi.core.protocol.RemotingConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Cuts connections of who is let in no more: somebody who says nothing is never asked who he is. */
final class StandingConnections implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StandingConnections.class);
    private static final long LOOK_EVERY_S = 5;

    private final ActiveMQServer server;
    private final BrokerSecurity security;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(run -> {
        Thread named = new Thread(run, "standing-connections");
        named.setDaemon(true);
        return named;
    });

    private StandingConnections(ActiveMQServer server, BrokerSecurity security) {
        this.server = server;
        this.security = security;
    }

    static StandingConnections watch(ActiveMQServer server, BrokerSecurity security) {
        StandingConnections standing = new StandingConnections(server, security);
        standing.thread.scheduleWithFixedDelay(standing::look, LOOK_EVERY_S, LOOK_EVERY_S, TimeUnit.SECONDS);
        return standing;
    }

    private void look() {
        for (RemotingConnection connection :
                List.copyOf(server.getRemotingService().getConnections())) {
            try {
                if (!security.isStillWelcome(connection)) {
                    LOG.warn(
                            "Cut '{}' from {}: let in no more",
                            connection.getClientID(),
                            connection.getRemoteAddress());
                    connection.fail(new ActiveMQDisconnectedException("let in no more"));
                }
            } catch (RuntimeException e) {
                // One connection's fault keeps nobody else connected.
                LOG.error("The connection {} could not be looked at", connection.getRemoteAddress(), e);
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
