package dev.tocsin.standalone.broker;

import dev.tocsin.standalone.broker.access.BrokerSecurity;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.WildcardConfiguration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.io.aio.AIOSequentialFileFactory;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.impl.ActiveMQServerImpl;
import org.apache.activemq.artemis.core.server.impl.ServiceRegistryImpl;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.core.settings.impl.DiskFullMessagePolicy;
import org.apache.activemq.artemis.spi.core.remoting.Acceptor;
import org.apache.activemq.artemis.utils.critical.CriticalAnalyzerPolicy;

/**
 * Apache Artemis as this platform needs it: what it acknowledged is on the disk, and stays there until every session
 * that is owed it has acknowledged it in turn. Its defaults give up a message after ten deliveries and stop every
 * publisher when the disk is 90 % full; both are set otherwise here.
 */
public final class EmbeddedBroker implements AutoCloseable {
    /** A window of 5,000 un-acknowledged batches and more has to fit; MQTT's own limit. */
    private static final int RECEIVE_MAXIMUM = 65_535;

    private static final int MAX_PACKET_BYTES = 8 << 20;
    private static final int PAGE_BYTES = 4 << 20;
    /** What a queue that lives on the disk may hold in memory again, un-acknowledged messages included. */
    private static final int READ_AHEAD_BYTES = 4 * PAGE_BYTES;

    private static final int JOURNAL_FILE_BYTES = 10 << 20;
    /**
     * The least time between two syncs of the disk. A write that comes alone does not wait for it; under load each sync
     * then serves more writes, and at 4,000 messages a second the broker takes a fifth less of the processor than with a
     * quarter of this.
     */
    private static final int NIO_GATHER_NANOS = 2_000_000;

    private static final int WORKER_THREADS = 8;
    private static final int NETWORK_THREADS = 2;
    private static final long BYTES_PER_MIB = 1L << 20;
    /** The broker's own addresses begin with a dollar: no user is granted any of those. */
    private static final String MANAGEMENT = "$tocsin/management";

    private static final String PLAIN = "mqtt";
    private static final String TLS = "mqtts";

    private final BrokerSettings settings;
    private final ActiveMQServer server;
    private final FileChannel lockFile;
    private final StandingConnections standing;

    private EmbeddedBroker(
            BrokerSettings settings, ActiveMQServer server, FileChannel lockFile, StandingConnections standing) {
        this.settings = settings;
        this.server = server;
        this.lockFile = lockFile;
        this.standing = standing;
    }

    /**
     * Starts a broker and returns when it accepts connections.
     *
     * @param clock decides when the users file is looked at again
     * @param onFailure called once when the broker stops on its own, for example after a failed write
     * @throws IOException in one line: the port is in use, the folder cannot be written or is another broker's, the
     *     users file is wrong
     */
    public static EmbeddedBroker start(BrokerSettings settings, Clock clock, Runnable onFailure) throws IOException {
        FileChannel lock = lock(settings.dataFolder());
        try {
            requireFreePort(settings.listen(), settings.port());
            if (settings.tls().isOn()) {
                requireFreePort(settings.tls().listen(), settings.tls().port());
                TlsListener.requireFiles(settings.tls());
            }
            SessionLedger ledger = SessionLedger.open(settings.dataFolder().resolve("sessions"));
            BrokerSecurity security =
                    new BrokerSecurity(settings.usersFile(), settings.tls().identities(), clock, ledger::connected);
            UnheardReplies unheard = new UnheardReplies();
            Configuration configuration = configure(settings);
            configuration.registerBrokerPlugin(unheard);
            KeptOrder order = new KeptOrder();
            configuration.registerBrokerPlugin(order);
            ServiceRegistryImpl registry = new ServiceRegistryImpl();
            registry.addIncomingInterceptor(new ArrivingPackets());
            SpentPacketIds spent = new SpentPacketIds();
            configuration.registerBrokerPlugin(spent);
            registry.addOutgoingInterceptor(spent);
            registry.addOutgoingInterceptor(unheard);
            registry.addOutgoingInterceptor(order);
            ActiveMQServer server = new ActiveMQServerImpl(configuration, null, security, null, registry);
            server.setIdentity("tocsin");
            // A failed write stops Artemis: it must not stay behind as a process that serves nobody.
            server.registerIOCriticalErrorListener((fault, message, file) -> onFailure.run());
            server.start();
            if (!serves(server, PLAIN) || settings.tls().isOn() && !serves(server, TLS)) {
                server.stop();
                throw new IOException("the broker did not come up on port " + settings.port()
                        + (settings.tls().isOn() ? " and " + settings.tls().port() : ""));
            }
            EndedSessions.remove(server, ledger);
            return new EmbeddedBroker(settings, server, lock, StandingConnections.watch(server, security));
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        } catch (Exception e) {
            lock.close();
            throw new IOException("the broker did not start: " + e.getMessage(), e);
        }
    }

    private static boolean serves(ActiveMQServer server, String listener) {
        Acceptor acceptor = server.getRemotingService().getAcceptor(listener);
        return server.isActive() && acceptor != null && acceptor.isStarted();
    }

    /** What clients connect to. */
    public String url() {
        return "tcp://" + settings.listen() + ":" + settings.port();
    }

    /** Whether at least one subscription's messages go to the disk because there are too many for memory. */
    boolean isPaging() {
        for (SimpleString name : server.getPagingManager().getStoreNames()) {
            try {
                if (server.getPagingManager().getPageStore(name).isPaging()) {
                    return true;
                }
            } catch (Exception e) {
                throw new IllegalStateException("page store " + name, e);
            }
        }
        return false;
    }

    @Override
    public void close() throws IOException {
        standing.close();
        try {
            server.stop();
        } catch (Exception e) {
            throw new IOException("the broker did not stop cleanly: " + e.getMessage(), e);
        } finally {
            lockFile.close();
        }
    }

    private static FileChannel lock(Path folder) throws IOException {
        Path file = folder.resolve("broker.lock");
        FileChannel channel;
        try {
            Files.createDirectories(folder);
            channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IOException("the broker's data folder " + folder + " cannot be written: " + e, e);
        }
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            // The same answer for a broker of this process and one of another.
        }
        channel.close();
        throw new IOException("the broker's data folder " + folder + " is in use by another broker");
    }

    private static void requireFreePort(String listen, int port) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.setReuseAddress(true);
            probe.bind(new InetSocketAddress(InetAddress.getByName(listen), port));
        } catch (IOException e) {
            throw new IOException("the broker cannot listen on " + listen + ":" + port + ": " + e.getMessage(), e);
        }
    }

    private static Configuration configure(BrokerSettings settings) throws Exception {
        Path data = settings.dataFolder();
        boolean asyncIo = AIOSequentialFileFactory.isSupported();
        Configuration configuration = new ConfigurationImpl()
                .setName("tocsin")
                .setPersistenceEnabled(true)
                .setJournalDirectory(data.resolve("journal").toString())
                .setBindingsDirectory(data.resolve("bindings").toString())
                .setPagingDirectory(data.resolve("paging").toString())
                .setLargeMessagesDirectory(data.resolve("large").toString())
                .setJournalType(asyncIo ? JournalType.ASYNCIO : JournalType.NIO)
                .setJournalDatasync(true)
                .setJournalSyncTransactional(true)
                .setJournalSyncNonTransactional(true)
                .setJournalBufferTimeout_NIO(NIO_GATHER_NANOS)
                .setPageSyncTimeout(NIO_GATHER_NANOS)
                .setJournalFileSize(JOURNAL_FILE_BYTES)
                .setJournalMinFiles(2)
                .setJournalPoolFiles(10)
                .setGlobalMaxSize(settings.memoryMiB() * BYTES_PER_MIB)
                .setMaxDiskUsage(settings.diskLimitPercent())
                .setThreadPoolMaxSize(WORKER_THREADS)
                .setScheduledThreadPoolMaxSize(2)
                .setSecurityEnabled(true)
                // Client ids are taken into the user's own namespace at each authentication: never skip one.
                .setAuthenticationCacheSize(0)
                .setManagementAddress(SimpleString.of(MANAGEMENT))
                .setManagementNotificationAddress(SimpleString.of(MANAGEMENT + "/notifications"))
                .setSuppressSessionNotifications(true)
                .setJMXManagementEnabled(false)
                .setMessageCounterEnabled(false)
                .setCriticalAnalyzerPolicy(CriticalAnalyzerPolicy.HALT)
                // Topics are addresses as they stand: with Artemis' own syntax an id with a dot is not found by a
                // wildcard. The price: a filter that begins with a wildcard gets no retained messages.
                .setWildCardConfiguration(new WildcardConfiguration()
                        .setDelimiter('/')
                        .setAnyWords('#')
                        .setSingleWord('+'));
        configuration.addAcceptorConfiguration(PLAIN, acceptor(settings.listen(), settings.port()));
        if (settings.tls().isOn()) {
            BrokerSettings.Tls tls = settings.tls();
            configuration.addAcceptorConfiguration(
                    TLS, acceptor(tls.listen(), tls.port()) + TlsListener.parameters(tls));
        }
        configuration.addAddressSetting("#", everywhere(settings));
        return configuration;
    }

    private static String acceptor(String listen, int port) {
        return "tcp://" + listen + ":" + port
                + "?protocols=MQTT"
                + ";remotingThreads=" + NETWORK_THREADS
                + ";receiveMaximum=" + RECEIVE_MAXIMUM
                + ";defaultMaximumInFlightPublishMessages=" + RECEIVE_MAXIMUM
                + ";maximumPacketSize=" + MAX_PACKET_BYTES
                + ";defaultMqttSessionExpiryInterval=-1";
    }

    private static AddressSettings everywhere(BrokerSettings settings) {
        return new AddressSettings()
                .setMaxDeliveryAttempts(-1)
                // Nothing is ever sent to either; without a name each new queue is a warning in the log.
                .setDeadLetterAddress(SimpleString.of("$tocsin/undeliverable"))
                .setExpiryAddress(SimpleString.of("$tocsin/expired"))
                .setRedeliveryDelay(0)
                .setAutoCreateAddresses(true)
                .setAutoDeleteAddresses(false)
                .setAutoCreateQueues(true)
                .setAutoDeleteQueues(false)
                .setAutoDeleteCreatedQueues(false)
                .setDefaultAddressRoutingType(RoutingType.MULTICAST)
                .setDefaultQueueRoutingType(RoutingType.MULTICAST)
                .setAddressFullMessagePolicy(AddressFullMessagePolicy.PAGE)
                .setDiskFullMessagePolicy(DiskFullMessagePolicy.BLOCK)
                .setMaxSizeBytes(settings.topicMemoryMiB() * BYTES_PER_MIB)
                .setPageSizeBytes(PAGE_BYTES)
                .setMaxReadPageBytes(READ_AHEAD_BYTES)
                .setPrefetchPageBytes(READ_AHEAD_BYTES)
                .setMaxReadPageMessages(-1)
                .setPrefetchPageMessages(-1);
    }
}
