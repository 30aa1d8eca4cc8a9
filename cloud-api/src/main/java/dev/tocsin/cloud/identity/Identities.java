package dev.tocsin.cloud.identity;

import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.devices.Registry;
import dev.tocsin.cloud.http.GatewayListener;
import dev.tocsin.cloud.http.HttpApi;
import dev.tocsin.cloud.http.Routes;
import dev.tocsin.cloud.login.Audit;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The authority, its files in the folder {@code identities}, its routes, and the listener for gateways. */
public final class Identities {
    private static final Logger LOG = LoggerFactory.getLogger(Identities.class);
    private static final String FOLDER = "identities";

    private final IdentityConfig config;
    private final ServerCertificate server;
    private final BrokerFiles files;
    private final GatewayRoutes gateways;
    private final DeviceCredentialRoutes devices;
    private @Nullable GatewayListener listener;

    /**
     * @param data the process's folder
     * @param shards of the uplink, as gateways have to be told
     * @throws IOException when the authority cannot be used
     */
    public Identities(
            Path data,
            IdentityConfig config,
            int shards,
            Database database,
            Registry registry,
            Audit audit,
            MeterRegistry metrics,
            Clock clock)
            throws IOException {
        this.config = config;
        Path folder = data.resolve(FOLDER);
        Authority authority = Authority.open(folder, clock);
        server = new ServerCertificate(folder, authority, config.names(), clock);
        files = new BrokerFiles(folder, authority, database, metrics, clock);
        Instructions instructions = new Instructions(authority, config, this::port, shards);
        gateways = new GatewayRoutes(
                new GatewayIdentities(database, authority, config, audit, clock),
                files,
                instructions,
                database,
                metrics,
                clock);
        devices = new DeviceCredentialRoutes(database, registry, files, audit, clock);
    }

    /** Makes the authority and the server's certificate where they are missing, before anything listens. */
    public static void prepare(Path data, List<String> names, Clock clock) throws IOException {
        Path folder = data.resolve(FOLDER);
        Authority authority = Authority.open(folder, clock);
        new ServerCertificate(folder, authority, names, clock).renewWhereNeeded();
    }

    public void addTo(Routes routes) {
        gateways.addTo(routes);
        devices.addTo(routes);
    }

    /** Listens for gateways, where the configuration has a port. */
    public void listen(HttpApi http) throws IOException {
        server.renewWhereNeeded();
        if (config.port() >= 0) {
            listener = http.listenForGateways(GatewayRoutes.FOR_GATEWAYS, config.host(), config.port(), server.file());
        }
    }

    /** The port of the listener for gateways, -1 without one. */
    public int port() {
        return listener == null ? -1 : listener.port();
    }

    /** To be called again and again: tells the broker what changed, and renews the server's certificate. */
    public void tend() {
        files.publish();
        try {
            if (server.renewWhereNeeded() && listener != null) {
                listener.renewed(server.file());
            }
        } catch (IOException e) {
            LOG.error("the server's certificate is not renewed, this is tried again: {}", e.toString());
        }
    }
}
