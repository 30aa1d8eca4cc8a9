package dev.tocsin.agent;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.core.config.WildcardConfiguration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.impl.ActiveMQServerImpl;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;

/** A real MQTT 5 broker in this process, in memory, for anybody. */
public final class TestBroker implements AutoCloseable {
    public final int port;
    private final ActiveMQServer server;
    private final String scheme;

    public TestBroker() throws Exception {
        this("");
    }

    /** @param acceptor further parameters of the acceptor, as {@link TestPki#acceptor} has them */
    public TestBroker(String acceptor) throws Exception {
        scheme = acceptor.isEmpty() ? "tcp" : "ssl";
        port = freePort();
        ConfigurationImpl configuration = new ConfigurationImpl();
        configuration
                .setPersistenceEnabled(false)
                .setSecurityEnabled(false)
                .setJMXManagementEnabled(false)
                .setThreadPoolMaxSize(8)
                .setScheduledThreadPoolMaxSize(2)
                .setMaxDiskUsage(-1)
                .setWildCardConfiguration(new WildcardConfiguration()
                        .setDelimiter('/')
                        .setAnyWords('#')
                        .setSingleWord('+'))
                .addAcceptorConfiguration(
                        "mqtt",
                        "tcp://127.0.0.1:" + port
                                + "?protocols=MQTT;remotingThreads=2;receiveMaximum=65535"
                                + ";defaultMaximumInFlightPublishMessages=65535" + acceptor);
        configuration.addAddressSetting(
                "#",
                new AddressSettings()
                        .setMaxDeliveryAttempts(-1)
                        .setAutoCreateAddresses(true)
                        .setAutoCreateQueues(true)
                        .setAutoDeleteAddresses(false)
                        .setAutoDeleteQueues(false)
                        .setDefaultAddressRoutingType(RoutingType.MULTICAST)
                        .setDefaultQueueRoutingType(RoutingType.MULTICAST)
                        .setAddressFullMessagePolicy(AddressFullMessagePolicy.BLOCK));
        server = new ActiveMQServerImpl(configuration);
        server.start();
    }

    public String url() {
        return scheme + "://127.0.0.1:" + port;
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() throws Exception {
        server.stop();
    }
}
