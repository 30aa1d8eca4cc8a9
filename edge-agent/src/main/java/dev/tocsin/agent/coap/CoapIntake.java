package dev.tocsin.agent.coap;

import dev.tocsin.agent.acquire.Intake;
import dev.tocsin.agent.acquire.Sender;
import dev.tocsin.agent.desired.Registry;
import dev.tocsin.agent.observe.AgentMetrics;
import dev.tocsin.agent.observe.Chore;
import dev.tocsin.agent.spool.Hash64;
import dev.tocsin.agent.spool.Via;
import dev.tocsin.profiles.codec.Decoding;
import dev.tocsin.profiles.codec.DeviceIds;
import dev.tocsin.profiles.codec.Incoming;
import dev.tocsin.profiles.reading.Rejected.Reason;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.californium.core.CoapServer;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.config.CoapConfig.MatcherMode;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.network.Endpoint;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.eclipse.californium.elements.UDPConnector;
import org.eclipse.californium.elements.config.Configuration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves CoAP, plain and over DTLS: a POST on a path that a profile names is answered 2.04 after the commit, whether it
 * is confirmable or not. What is refused is kept as rejected, and answered 4.00, 4.01 (the device has credentials and
 * came without), 4.03 (they are another device's), 4.13 (beyond 64 KiB), 4.15, 4.29 (beyond its rate, RFC 8516) or 5.03
 * (the spool is full). Bounds for a small gateway, each of the plain and of the secure side: {@link #MAX_PEERS} clients
 * and the last {@link #MESSAGES_PER_PEER} messages of each are remembered for duplicates, {@link #MAX_TRANSFERS}
 * block-wise transfers are under way.
 */
public final class CoapIntake implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CoapIntake.class);
    private static final int MAX_PEERS = 2_000;
    private static final int MESSAGES_PER_PEER = 8;
    /** Of 64 KiB each. */
    private static final int MAX_TRANSFERS = 32;
    /** After which one that is not gone on with gives up its place. */
    private static final long TRANSFER_SECONDS = 30;

    private static final int MAX_BODY_BYTES = 64 * 1024;
    /** Unknown identities that are reported as seen until the next start; whoever wants to can make up any number. */
    private static final int MAX_STRANGERS = 100;
    /** Seconds after which a client that met a full spool may try again. */
    private static final int RETRY_AFTER_SECONDS = 5;
    /** The least rate that can be set is a message a second. */
    private static final int RATE_RETRY_SECONDS = 1;
    /** Below the 2 s after which a client sends again. */
    private static final Duration PATIENCE = Duration.ofMillis(500);

    private static final long CREDENTIALS_LOOK_MS = 1_000;

    static {
        Configurations.register();
    }

    private final Intake intake;
    private final AgentMetrics metrics;
    private final CoapEndpoints endpoints;
    private final Registry registry;
    private final Clock clock;
    private final Credentials credentials;
    private final Entitlement entitlement;
    private final CoapServer server;
    private final ScheduledThreadPoolExecutor threads;
    private final @Nullable CoapEndpoint plain;
    private final @Nullable CoapEndpoint secure;
    private final @Nullable DtlsServer dtls;
    private final CoiotGroup group;
    private final AskedServers asked;
    private final SensorTree tree;
    private final Set<String> strangers = ConcurrentHashMap.newKeySet();
    /** Owned by the thread that looks. */
    private String credentialsFault = "";

    /** @throws IllegalStateException naming the file of keys or certificates that cannot be used */
    public CoapIntake(CoapSettings settings, Intake intake, Registry registry, AgentMetrics metrics, Clock clock) {
        this.intake = intake;
        this.metrics = metrics;
        this.registry = registry;
        this.clock = clock;
        CoapMetrics counters = new CoapMetrics(metrics);
        endpoints = new CoapEndpoints(metrics);
        credentials = new Credentials(settings.credentials());
        try {
            credentials.readAgain();
        } catch (Credentials.UnusableException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
        metrics.gauge("coap.credentials", "Identities in force", credentials::size);
        metrics.gauge("coap.credentials.bad.lines", "Lines that cannot be read", credentials::badLines);
        entitlement = new Entitlement(registry, credentials);
        CoiotIntake coiot = new CoiotIntake(intake, registry, entitlement, credentials, counters, clock);
        Configuration configuration = Configurations.ofServer(MAX_PEERS, MESSAGES_PER_PEER, MAX_BODY_BYTES);
        threads = new ScheduledThreadPoolExecutor(2, runnable -> new Thread(runnable, "coap"));
        threads.setRemoveOnCancelPolicy(true);
        server = new CoapServer(configuration);
        server.setExecutors(threads, threads, false);
        plain = settings.plain() == null ? null : plain(settings.plain(), settings.multicast() != null, configuration);
        dtls = settings.dtls() == null
                ? null
                : new DtlsServer(settings.dtls(), configuration, credentials, this::onStranger, counters, metrics);
        if (dtls == null) {
            metrics.gauge("dtls.sessions", "Established", () -> 0);
        }
        secure = dtls == null ? null : secure(dtls, configuration);
        server.add(coiot.resource());
        tree = new SensorTree(server.getRoot(), this::onPost);
        offer();
        registry.onChange(this::offer);
        group = new CoiotGroup(
                settings.multicast(), settings.multicastPort(), coiot, endpoints, configuration, threads, metrics);
        asked = new AskedServers(
                settings,
                registry,
                credentials,
                new Answers(intake, entitlement, credentials, clock),
                endpoints,
                counters,
                metrics);
    }

    private CoapEndpoint plain(InetSocketAddress address, boolean besideGroup, Configuration configuration) {
        UDPConnector connector = new UDPConnector(address, configuration);
        // One for every address of the machine has the port of the group as well, and must share it.
        connector.setReuseAddress(besideGroup && address.getAddress().isAnyLocalAddress());
        CoapEndpoint endpoint = endpoints.build(CoapEndpoint.builder()
                .setConfiguration(configuration)
                .setConnector(connector)
                .setCoapStackFactory(transfers()));
        server.addEndpoint(endpoint);
        return endpoint;
    }

    private CoapEndpoint secure(DtlsServer dtls, Configuration configuration) {
        // A device that goes on under another address is the one that it was: duplicates are known by who sent them.
        CoapEndpoint endpoint = endpoints.build(CoapEndpoint.builder()
                .setConfiguration(new Configuration(configuration)
                        .set(CoapConfig.RESPONSE_MATCHING, MatcherMode.PRINCIPAL_IDENTITY))
                .setConnector(dtls.connector())
                .setCoapStackFactory(transfers()));
        server.addEndpoint(endpoint);
        return endpoint;
    }

    private static BoundedStack transfers() {
        return new BoundedStack(MAX_TRANSFERS, TRANSFER_SECONDS);
    }

    /** @throws IllegalStateException when a port cannot be bound */
    public void start() {
        try {
            server.start();
        } catch (IllegalStateException e) {
            LOG.debug("no endpoint could be started", e);
        }
        for (Endpoint endpoint : server.getEndpoints()) {
            if (!endpoint.isStarted()) {
                throw new IllegalStateException(
                        "CoAP cannot listen on " + endpoint.getUri() + ": the port is in use or not allowed");
            }
        }
        group.start();
        asked.start();
        threads.scheduleWithFixedDelay(
                new Chore(this::lookAtCredentials), CREDENTIALS_LOOK_MS, CREDENTIALS_LOOK_MS, TimeUnit.MILLISECONDS);
    }

    /** The plain one; 0 where there is none. */
    public int port() {
        return plain == null ? 0 : plain.getAddress().getPort();
    }

    /** That of DTLS; 0 where there is none. */
    public int securePort() {
        return secure == null ? 0 : secure.getAddress().getPort();
    }

    private synchronized void offer() {
        tree.offer(registry.catalog().all());
    }

    private void lookAtCredentials() {
        try {
            Set<String> over = credentials.readAgain();
            credentialsFault = "";
            if (dtls != null) {
                dtls.end(over);
            }
        } catch (Credentials.UnusableException e) {
            if (!credentialsFault.equals(e.getMessage())) {
                credentialsFault = String.valueOf(e.getMessage());
                LOG.error("the credentials stay as they were: {}", credentialsFault);
            }
        }
    }

    private void onStranger(String identity) {
        if (strangers.size() < MAX_STRANGERS && strangers.add(identity)) {
            LOG.warn("DTLS: nobody has the identity '{}'", DeviceIds.legal(identity));
            intake.turnedAway(DeviceIds.legal(identity));
        }
    }

    private void onPost(CoapExchange exchange) {
        Request request = exchange.advanced().getRequest();
        int format = request.getOptions().getContentFormat();
        if (format != -1 && !SensorTree.FORMATS.contains(format)) {
            exchange.respond(
                    ResponseCode.UNSUPPORTED_CONTENT_FORMAT,
                    "content format " + format + "; read are 50 (JSON), 110 (SenML JSON) and 112 (SenML CBOR)");
            return;
        }
        Incoming incoming = new Incoming(
                Incoming.Transport.COAP,
                request.getOptions().getUriPathString(),
                format,
                request.getPayload(),
                query(request.getOptions().getUriQuery()),
                clock.millis());
        Caller caller = Caller.of(request.getSourceContext(), credentials);
        Decoding decoding = entitlement.judge(incoming, intake.decode(incoming), caller);
        if (!intake.admits(caller.name(), incoming, decoding)) {
            exchange.respondClientOverload(RATE_RETRY_SECONDS);
            return;
        }
        // A client that sends again does so with the same message id and token, from the same port if nobody knows it.
        String sender = caller.authenticated()
                ? caller.name()
                : exchange.getSourceSocketAddress().toString();
        long hash = Hash64.of(
                sender + "/" + request.getMID() + "/" + request.getTokenString() + "/" + incoming.address(),
                incoming.payload());
        if (!intake.take(incoming, decoding, hash, Via.COAP, PATIENCE, new Poster(exchange, decoding))) {
            tryLater(exchange);
        }
    }

    /** Whoever posted: answered once, whatever the disk does later. Called on the spool's writer thread. */
    private final class Poster implements Sender {
        private final CoapExchange exchange;
        private final Decoding decoding;
        private final AtomicBoolean answered = new AtomicBoolean();

        Poster(CoapExchange exchange, Decoding decoding) {
            this.exchange = exchange;
            this.decoding = decoding;
        }

        @Override
        public void kept() {
            if (answered.compareAndSet(false, true)) {
                metrics.acknowledged(Incoming.Transport.COAP);
                exchange.advanced().execute(() -> answer(exchange, decoding));
            }
        }

        @Override
        public void delayed() {
            passed();
        }

        @Override
        public void passed() {
            if (answered.compareAndSet(false, true)) {
                exchange.advanced().execute(() -> tryLater(exchange));
            }
        }
    }

    private static void tryLater(CoapExchange exchange) {
        exchange.setMaxAge(RETRY_AFTER_SECONDS);
        exchange.respond(ResponseCode.SERVICE_UNAVAILABLE, "the spool takes nothing now");
    }

    private static void answer(CoapExchange exchange, Decoding decoding) {
        if (decoding instanceof Decoding.Refused refused) {
            exchange.respond(codeOf(refused.reason()), refused.detail());
        } else {
            exchange.respond(ResponseCode.CHANGED);
        }
    }

    private static ResponseCode codeOf(Reason reason) {
        return switch (reason) {
            case UNAUTHENTICATED -> ResponseCode.UNAUTHORIZED;
            case NOT_ENTITLED -> ResponseCode.FORBIDDEN;
            case TOO_LARGE -> ResponseCode.REQUEST_ENTITY_TOO_LARGE;
            default -> ResponseCode.BAD_REQUEST;
        };
    }

    private static Map<String, String> query(List<String> parameters) {
        Map<String, String> map = new HashMap<>();
        for (String parameter : parameters) {
            int equals = parameter.indexOf('=');
            map.put(
                    equals < 0 ? parameter : parameter.substring(0, equals),
                    equals < 0 ? "" : parameter.substring(equals + 1));
        }
        return map;
    }

    @Override
    public void close() {
        asked.close();
        group.close();
        server.destroy();
        threads.shutdownNow();
    }
}
