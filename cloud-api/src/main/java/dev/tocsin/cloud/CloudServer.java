package dev.tocsin.cloud;

import dev.tocsin.cloud.alerts.AcknowledgeRoutes;
import dev.tocsin.cloud.alerts.AlertRoutes;
import dev.tocsin.cloud.alerts.Restoration;
import dev.tocsin.cloud.broker.BrokerSession;
import dev.tocsin.cloud.broker.BrokerSession.Subscription;
import dev.tocsin.cloud.bundles.AgentUpdates;
import dev.tocsin.cloud.bundles.BundleRoutes;
import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.devices.DesiredState;
import dev.tocsin.cloud.devices.DeviceRoutes;
import dev.tocsin.cloud.devices.Registry;
import dev.tocsin.cloud.devices.RegistryFile;
import dev.tocsin.cloud.devices.SeenDevices;
import dev.tocsin.cloud.devices.SiteRoutes;
import dev.tocsin.cloud.http.ApiException;
import dev.tocsin.cloud.http.EventLoop;
import dev.tocsin.cloud.http.HttpApi;
import dev.tocsin.cloud.http.Reply;
import dev.tocsin.cloud.http.Routes;
import dev.tocsin.cloud.identity.Identities;
import dev.tocsin.cloud.live.AlertIntake;
import dev.tocsin.cloud.live.AlertJournal;
import dev.tocsin.cloud.live.AlertNames;
import dev.tocsin.cloud.live.LiveAlerts;
import dev.tocsin.cloud.live.LiveHub;
import dev.tocsin.cloud.login.Audit;
import dev.tocsin.cloud.login.FirstUsers;
import dev.tocsin.cloud.login.LoginRoutes;
import dev.tocsin.cloud.login.Sessions;
import dev.tocsin.cloud.readings.QualityRoutes;
import dev.tocsin.cloud.readings.ReadingRoutes;
import dev.tocsin.cloud.rejected.RejectedRoutes;
import dev.tocsin.cloud.river.RiverWatch;
import dev.tocsin.cloud.rules.RuleBook;
import dev.tocsin.cloud.rules.RuleRoutes;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All parts of the API, put together and started; serves without database and without broker, as well as that goes. */
final class CloudServer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CloudServer.class);
    private static final int WINDOW = 1_000;

    private final CloudConfig config;
    private final Metrics metrics = new Metrics();
    private final HttpApi.Engine engine = HttpApi.Engine.create();
    private final Database database;
    private final Registry registry;
    private final SeenDevices seen;
    private final Sessions sessions;
    private final LiveHub hub;
    private final LiveAlerts live;
    private final AlertJournal journal;
    private final Restoration restoration;
    private final RiverWatch river;
    private final BrokerSession alertSession;
    private final BrokerSession registrySession;
    private final BrokerSession pulseSession;
    private final DesiredState desired;
    private final Identities identities;
    private final HttpApi http;
    private final Routes routes = new Routes();
    private final ScheduledExecutorService housekeeping = Executors.newSingleThreadScheduledExecutor(run -> {
        Thread named = new Thread(run, "housekeeping");
        named.setDaemon(true);
        return named;
    });
    private volatile boolean closed;

    /**
     * What the site brings beside the configuration.
     *
     * @param ownProfiles those of the catalog that do not come with the platform
     * @param registryFromFile a file is imported at every start, the minimal registry at the first one only
     */
    record Site(ProfileCatalog profiles, List<Profile> ownProfiles, RegistryFile registry, boolean registryFromFile) {}

    /** @throws IOException when what is kept in the data folder cannot be used */
    CloudServer(CloudConfig config, Site site, Clock clock) throws IOException {
        this.config = config;
        database = new Database(config.databaseUrl(), config.databaseUser(), config.databasePassword(), clock);
        registry = new Registry(database, site.profiles(), clock);
        sessions = new Sessions(database, clock, config.sessionIdle(), config.sessionAbsolute());
        river = new RiverWatch(registry, database, clock, metrics.registry());
        seen = new SeenDevices(registry, database, metrics.registry());

        EventLoop loop = engine.loop();
        hub = new LiveHub(loop, sessions, river::now, clock, config.liveQueueBytes(), metrics.registry());
        Audit audit = new Audit(clock);
        RuleBook rules = new RuleBook(database, registry, audit, clock);
        AgentUpdates updates = new AgentUpdates(database, registry, audit, config.data(), clock);
        AlertNames names = new AlertNames(registry, rules);
        journal = new AlertJournal(config.data(), metrics.registry());
        live = new LiveAlerts(names, entry -> {
            hub.changed(entry);
            journal.changed(entry);
        });
        restoration = new Restoration(database, live, clock, hub::complete);

        alertSession = new BrokerSession(
                config.broker(),
                new Subscription("tocsin-api-alerts", true, 1, WINDOW, List.of(Topics.ALERTS_FILTER)),
                new AlertIntake(live, journal, clock, metrics.registry()),
                clock);
        pulseSession = new BrokerSession(
                config.broker(),
                new Subscription(
                        "tocsin-api-pulse",
                        false,
                        1,
                        WINDOW,
                        List.of(Topics.PULSE_FILTER, Topics.upFilter(Lane.STATUS))),
                river,
                clock);
        river.watch(pulseSession);
        registrySession = new BrokerSession(
                config.broker(),
                new Subscription("tocsin-api-registry", true, 1, WINDOW, List.of(Topics.upFilter(Lane.SEEN))),
                new BrokerSession.Listener() {
                    @Override
                    public void arrived(String topic, byte[] payload, Runnable acknowledge) {
                        seen.arrived(topic, payload, acknowledge);
                    }

                    @Override
                    public void connected() {
                        desired.connected();
                    }
                },
                clock);
        desired = new DesiredState(registry, registrySession, site.ownProfiles(), List.of(rules, updates));
        identities = new Identities(
                config.data(),
                config.identities(),
                config.shards(),
                database,
                registry,
                audit,
                metrics.registry(),
                clock);
        metrics.watch(live, sessions, database, alertSession);

        FirstUsers firstUsers = new FirstUsers(database, audit, config.data(), config.demoPassword());
        database.whenReady(() -> registry.load(site.registry(), !site.registryFromFile()));
        database.whenReady(rules::load);
        database.whenReady(updates::load);
        database.whenReady(live::refreshNames);
        database.whenReady(firstUsers::create);
        database.whenReady(sessions::load);

        hub.start(live, routes);
        new AlertRoutes(database, live, names, restoration).addTo(routes);
        new AcknowledgeRoutes(database, live, names, audit, clock).addTo(routes);
        new DeviceRoutes(registry, live, seen, rules, database, audit).addTo(routes);
        new SiteRoutes(registry, river, audit).addTo(routes);
        new ReadingRoutes(database, registry, rules, clock).addTo(routes);
        new QualityRoutes(database, clock).addTo(routes);
        new RuleRoutes(rules, database).addTo(routes);
        new BundleRoutes(updates, river).addTo(routes);
        new RejectedRoutes(database).addTo(routes);
        new LoginRoutes(database, sessions, audit, clock).addTo(routes);
        identities.addTo(routes);
        river.addTo(routes);
        routes.blocking("metrics", call -> Reply.text(metrics.scrape()));
        routes.blocking("contract", call -> Reply.text(HttpApi.contractText()));
        http = new HttpApi(engine, sessions, config.origins(), config.secureCookie(), metrics.registry());
    }

    /**
     * Begins to serve; database and broker are looked for in the background.
     *
     * @return the port it listens on
     * @throws IOException when it cannot listen, or not write to its data folder
     */
    int start() throws IOException {
        journal.start(live);
        int port = http.listen(routes, config.host(), config.port());
        identities.listen(http);
        database.start();
        desired.start();
        seen.start();
        housekeeping.scheduleWithFixedDelay(once(this::restore), 0, 500, TimeUnit.MILLISECONDS);
        housekeeping.scheduleWithFixedDelay(once(restoration::readAcknowledgements), 1, 1, TimeUnit.SECONDS);
        housekeeping.scheduleWithFixedDelay(once(restoration::readOpen), 30, 30, TimeUnit.SECONDS);
        housekeeping.scheduleWithFixedDelay(once(river::readArchivedPulse), 1, 2, TimeUnit.SECONDS);
        housekeeping.scheduleWithFixedDelay(once(identities::tend), 1, 5, TimeUnit.SECONDS);
        housekeeping.scheduleWithFixedDelay(once(sessions::tidy), 60, 60, TimeUnit.SECONDS);
        housekeeping.scheduleWithFixedDelay(once(sessions::deleteEnded), 5, 5, TimeUnit.SECONDS);
        pulseSession.start();
        registrySession.start();
        alertSession.start();
        return port;
    }

    /** Where gateways enrol, -1 for nowhere. */
    int gatewayPort() {
        return identities.port();
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        hub.close();
        alertSession.close();
        registrySession.close();
        pulseSession.close();
        journal.close();
        housekeeping.shutdownNow();
        desired.close();
        seen.close();
        engine.close();
        database.close();
    }

    private void restore() {
        if (!restoration.complete()) {
            restoration.readOpen();
        }
    }

    /** Work that is tried again at its next time: a database that is away is no news here, a fault is. */
    private Runnable once(Runnable work) {
        return () -> {
            try {
                if (database.available()) {
                    work.run();
                }
            } catch (ApiException e) {
                LOG.debug("again later", e);
            } catch (RuntimeException e) {
                LOG.error("housekeeping failed, it is tried again", e);
            }
        };
    }
}
