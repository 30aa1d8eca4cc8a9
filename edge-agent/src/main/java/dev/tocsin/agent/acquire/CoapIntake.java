package dev.tocsin.agent.acquire;

import dev.tocsin.agent.spool.Hash64;
import dev.tocsin.agent.spool.Via;
import dev.tocsin.profiles.codec.Decoding;
import dev.tocsin.profiles.codec.Incoming;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.SourcePattern;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.CoapServer;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.eclipse.californium.core.server.resources.Resource;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.UdpConfig;
import org.jspecify.annotations.Nullable;

/**
 * Serves CoAP: a POST on a path that a profile names is answered 2.04 after the commit. Bounds for a small gateway:
 * {@link #MAX_PEERS} clients and the last {@link #MESSAGES_PER_PEER} messages of each are remembered for duplicates.
 */
public final class CoapIntake implements AutoCloseable {
    private static final int MAX_PEERS = 2_000;
    private static final int MESSAGES_PER_PEER = 8;
    private static final int MAX_BODY_BYTES = 64 * 1024;
    /** Seconds after which a client that met a full spool may try again. */
    private static final int RETRY_AFTER_SECONDS = 5;
    /** Below the 2 s after which a client sends again. */
    private static final Duration PATIENCE = Duration.ofMillis(500);
    /** JSON, SenML JSON, SenML CBOR (RFC 7252, RFC 8428). */
    private static final Set<Integer> FORMATS = Set.of(50, 110, 112);

    static {
        CoapConfig.register();
        UdpConfig.register();
    }

    private final Intake intake;
    private final CoapServer server;
    private final ScheduledExecutorService threads;
    private final CoapEndpoint endpoint;

    public CoapIntake(InetSocketAddress address, Intake intake) {
        this.intake = intake;
        Configuration configuration = new Configuration()
                .set(CoapConfig.PROTOCOL_STAGE_THREAD_COUNT, 2)
                .set(CoapConfig.DEDUPLICATOR, CoapConfig.DEDUPLICATOR_PEERS_MARK_AND_SWEEP)
                .set(CoapConfig.PEERS_MARK_AND_SWEEP_MESSAGES, MESSAGES_PER_PEER)
                .set(CoapConfig.MAX_ACTIVE_PEERS, MAX_PEERS)
                .set(CoapConfig.MAX_PEER_INACTIVITY_PERIOD, 60, TimeUnit.SECONDS)
                .set(CoapConfig.MAX_RESOURCE_BODY_SIZE, MAX_BODY_BYTES)
                .set(UdpConfig.UDP_RECEIVER_THREAD_COUNT, 1)
                .set(UdpConfig.UDP_SENDER_THREAD_COUNT, 1)
                .set(UdpConfig.UDP_RECEIVE_BUFFER_SIZE, 1024 * 1024);
        threads = Executors.newScheduledThreadPool(2, runnable -> new Thread(runnable, "coap"));
        server = new CoapServer(configuration);
        server.setExecutors(threads, threads, false);
        endpoint = CoapEndpoint.builder()
                .setConfiguration(configuration)
                .setInetSocketAddress(address)
                .build();
        server.addEndpoint(endpoint);
        addPaths();
        intake.registry.onChange(this::addPaths);
    }

    /** @throws IllegalStateException when the port cannot be bound */
    public void start() {
        server.start();
        if (!endpoint.isStarted()) {
            throw new IllegalStateException("the port is in use or not allowed");
        }
    }

    public int port() {
        return endpoint.getAddress().getPort();
    }

    private synchronized void addPaths() {
        for (Profile profile : intake.registry.catalog().all()) {
            for (SourcePattern pattern : profile.coapPaths()) {
                add(pattern);
            }
        }
    }

    private void add(SourcePattern pattern) {
        Resource level = server.getRoot();
        for (String name : pattern.filter().split("/", -1)) {
            Resource child = level instanceof Level known ? known.exactly(name) : level.getChild(name);
            if (child == null) {
                child = new Level(name);
                level.add(child);
            }
            level = child;
        }
        if (level instanceof Level last) {
            last.serve(pattern.toString());
        }
    }

    /** One level of a path; {@code +} stands for any. */
    private final class Level extends CoapResource {
        private volatile boolean served;

        Level(String name) {
            super(name);
            setVisible(false);
        }

        void serve(String pattern) {
            if (!served) {
                served = true;
                setVisible(true);
                getAttributes().setTitle(pattern);
                FORMATS.forEach(getAttributes()::addContentType);
            }
        }

        @org.jspecify.annotations.Nullable
        Resource exactly(String name) {
            return super.getChild(name);
        }

        @Override
        public @Nullable Resource getChild(String name) {
            Resource exact = super.getChild(name);
            return exact == null ? super.getChild("+") : exact;
        }

        @Override
        public void handlePOST(CoapExchange exchange) {
            if (served) {
                onPost(exchange);
            } else {
                exchange.respond(ResponseCode.NOT_FOUND);
            }
        }
    }

    private void onPost(CoapExchange exchange) {
        Request request = exchange.advanced().getRequest();
        int format = request.getOptions().getContentFormat();
        if (format != -1 && !FORMATS.contains(format)) {
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
                intake.clock.millis());
        Decoding decoding = intake.decode(incoming);
        // A client that sends again, does so with the same message id from the same port.
        long hash = Hash64.of(
                exchange.getSourceSocketAddress() + "/" + request.getMID() + "/" + request.getTokenString() + "/"
                        + incoming.address(),
                incoming.payload());
        AtomicBoolean answered = new AtomicBoolean();
        Sender kept = new Sender() {
            @Override
            public void kept() {
                if (answered.compareAndSet(false, true)) {
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
        };
        if (!intake.submit(new Arrival(intake, incoming, decoding, hash, Via.COAP, false, kept), PATIENCE)) {
            tryLater(exchange);
        }
    }

    private static void tryLater(CoapExchange exchange) {
        exchange.setMaxAge(RETRY_AFTER_SECONDS);
        exchange.respond(ResponseCode.SERVICE_UNAVAILABLE, "the spool takes nothing now");
    }

    private static void answer(CoapExchange exchange, Decoding decoding) {
        if (decoding instanceof Decoding.Refused refused) {
            exchange.respond(ResponseCode.BAD_REQUEST, refused.detail());
        } else {
            exchange.respond(ResponseCode.CHANGED);
        }
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
        server.destroy();
        threads.shutdownNow();
    }
}
