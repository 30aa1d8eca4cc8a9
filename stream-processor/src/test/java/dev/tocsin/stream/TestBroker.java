package dev.tocsin.stream;

import dev.tocsin.stream.broker.BrokerAccess;
import dev.tocsin.stream.run.JobConfig;
import dev.tocsin.stream.run.JobConfig.StateStore;
import dev.tocsin.stream.source.reader.Window;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.WildcardConfiguration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.impl.ActiveMQServerImpl;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;

/** A real broker in this JVM that can be stopped and started again with what it holds. */
public final class TestBroker implements AutoCloseable {
    private final Path folder;
    private final int port;
    private ActiveMQServer server;

    private TestBroker(Path folder, int port) {
        this.folder = folder;
        this.port = port;
    }

    public static TestBroker start(Path folder) throws Exception {
        TestBroker broker = new TestBroker(folder, freePort());
        broker.start();
        return broker;
    }

    public BrokerAccess access() {
        return new BrokerAccess("tcp://127.0.0.1:" + port, null, null);
    }

    /**
     * What a job of this broker is told: small windows, and any free port but the one for metrics.
     *
     * @param checkpoints time from one to the next
     * @param metricsPort 0 for any free one
     */
    public JobConfig job(Path data, int shards, Duration checkpoints, int subtasks, StateStore store, int metricsPort) {
        return new JobConfig(
                access(),
                data,
                shards,
                new Window(200, 1 << 20),
                checkpoints,
                Duration.ofMillis(1),
                subtasks,
                store,
                false,
                null,
                "127.0.0.1",
                0,
                0,
                metricsPort);
    }

    public void start() throws Exception {
        Configuration configuration = new ConfigurationImpl()
                .setPersistenceEnabled(true)
                .setJournalDirectory(folder.resolve("journal").toString())
                .setBindingsDirectory(folder.resolve("bindings").toString())
                .setPagingDirectory(folder.resolve("paging").toString())
                .setLargeMessagesDirectory(folder.resolve("large").toString())
                .setJournalFileSize(1 << 20)
                .setJournalDatasync(false)
                .setSecurityEnabled(false)
                .setJMXManagementEnabled(false)
                .setMaxDiskUsage(-1)
                .setWildCardConfiguration(new WildcardConfiguration()
                        .setDelimiter('/')
                        .setAnyWords('#')
                        .setSingleWord('+'));
        configuration.addAcceptorConfiguration("mqtt", "tcp://127.0.0.1:" + port + "?protocols=MQTT");
        configuration.addAddressSetting(
                "#",
                new AddressSettings()
                        .setMaxDeliveryAttempts(-1)
                        .setAutoDeleteAddresses(false)
                        .setAutoDeleteQueues(false)
                        .setDefaultAddressRoutingType(RoutingType.MULTICAST)
                        .setDefaultQueueRoutingType(RoutingType.MULTICAST));
        server = new ActiveMQServerImpl(configuration);
        server.start();
    }

    public void stop() throws Exception {
        server.stop();
    }

    /** What the broker still owes to the session of a client. */
    public long owed(String clientId) {
        long owed = 0;
        for (String name : server.getActiveMQServerControl().getQueueNames()) {
            if (name.startsWith(clientId + ".")) {
                owed += server.locateQueue(name).getMessageCount();
            }
        }
        return owed;
    }

    @Override
    public void close() throws Exception {
        stop();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
