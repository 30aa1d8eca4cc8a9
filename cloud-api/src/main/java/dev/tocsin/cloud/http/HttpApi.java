package dev.tocsin.cloud.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import io.vertx.ext.web.handler.PlatformHandler;
import io.vertx.ext.web.handler.SecurityPolicyHandler;
import io.vertx.ext.web.openapi.router.OpenAPIRoute;
import io.vertx.ext.web.openapi.router.RequestExtractor;
import io.vertx.ext.web.openapi.router.RouterBuilder;
import io.vertx.openapi.contract.OpenAPIContract;
import io.vertx.openapi.contract.Operation;
import io.vertx.openapi.validation.RequestValidator;
import io.vertx.openapi.validation.ValidatedRequest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server: contract, gate, features, console. Everything runs on one event loop, except what a route declares
 * blocking.
 */
public final class HttpApi {
    private static final Logger LOG = LoggerFactory.getLogger(HttpApi.class);
    /** The largest body that the contract knows is a rule set. */
    private static final long MAX_BODY_BYTES = 64 * 1024;

    private static final int MAX_CLIENT_FRAME_BYTES = 4 * 1024;
    private static final int MAX_HEADER_BYTES = 16 * 1024;
    private static final int IDLE_SECONDS = 120;

    /** Key of a request's operation id in its context. */
    private static final String OPERATION = "tocsin.operation";

    private static final String CONTRACT = "/openapi.yaml";
    private static final int WORKERS = 16;
    private static final long START_TIMEOUT_S = 30;

    private final Engine engine;
    private final Vertx vertx;
    private final OpenAPIContract contract;
    private final Gate gate;
    private final RequestExtractor extractor = RequestExtractor.withBodyHandler();
    private final RequestValidator validator;
    private final BodyHandler body = BodyHandler.create(false).setBodyLimit(MAX_BODY_BYTES);
    private final MeterRegistry metrics;
    private final Transfers transfers;
    private @Nullable Router router;

    /** The framework: one event loop and its workers. */
    public record Engine(Vertx vertx, EventLoop loop) {
        public static Engine create() {
            Vertx vertx = Vertx.vertx(new VertxOptions()
                    .setEventLoopPoolSize(1)
                    .setWorkerPoolSize(WORKERS)
                    .setInternalBlockingPoolSize(2));
            return new Engine(vertx, new EventLoop(vertx, vertx.getOrCreateContext()));
        }

        public void close() {
            try {
                vertx.close().await(2, TimeUnit.SECONDS);
            } catch (TimeoutException e) {
                LOG.warn("the server did not stop within 2 s");
            }
        }
    }

    /** @param secureCookie whether the console is reached through TLS */
    public HttpApi(
            Engine engine, Doorkeeper doorkeeper, Set<String> origins, boolean secureCookie, MeterRegistry metrics) {
        this.engine = engine;
        this.vertx = engine.vertx();
        this.contract = contract(vertx);
        this.gate = new Gate(doorkeeper, origins, secureCookie);
        this.validator = RequestValidator.create(vertx, contract);
        this.metrics = metrics;
        this.transfers = new Transfers(vertx);
    }

    /** The contract as it is written. */
    public static String contractText() {
        try (InputStream in = HttpApi.class.getResourceAsStream(CONTRACT)) {
            return new String(Objects.requireNonNull(in, CONTRACT).readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static OpenAPIContract contract(Vertx vertx) {
        try {
            Map<?, ?> parsed = new ObjectMapper(new YAMLFactory()).readValue(contractText(), Map.class);
            return await(OpenAPIContract.from(vertx, new JsonObject(Json.write(parsed))));
        } catch (IOException e) {
            throw new IllegalStateException("the contract cannot be read", e);
        }
    }

    private static <T> T await(Future<T> future) throws IOException {
        try {
            return future.await(START_TIMEOUT_S, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IOException("no answer within " + START_TIMEOUT_S + " s", e);
        }
    }

    /**
     * Listens.
     *
     * @return the port
     * @throws IOException when it cannot
     * @throws IllegalStateException when contract and routes differ
     */
    public int listen(Routes routes, String host, int port) throws IOException {
        Router all = router(routes);
        router = all;
        HttpServerOptions options = new HttpServerOptions()
                .setHost(host)
                .setPort(port)
                .setCompressionSupported(true)
                .setPerMessageWebSocketCompressionSupported(false)
                .setPerFrameWebSocketCompressionSupported(false)
                .setMaxWebSocketFrameSize(1 << 20);
        return listen(options, all).actualPort();
    }

    /**
     * Listens a second time, after {@link #listen}, for gateways.
     *
     * @param paths that are answered there
     * @param pem key, certificate and authority
     * @throws IOException when it cannot
     */
    public GatewayListener listenForGateways(List<String> paths, String host, int port, Path pem) throws IOException {
        Router all = Objects.requireNonNull(router, "listen comes first");
        return new GatewayListener(
                listen(GatewayListener.options(host, port, pem), request -> GatewayListener.pass(request, paths, all)));
    }

    private HttpServer listen(HttpServerOptions options, Handler<HttpServerRequest> handler) throws IOException {
        options.setMaxHeaderSize(MAX_HEADER_BYTES).setIdleTimeout(IDLE_SECONDS).setIdleTimeoutUnit(TimeUnit.SECONDS);
        Promise<HttpServer> listening = Promise.promise();
        engine.loop()
                .run(() -> vertx.createHttpServer(options)
                        .requestHandler(handler)
                        .listen()
                        .onComplete(listening));
        try {
            return await(listening.future());
        } catch (Exception e) {
            // await rethrows what the bind threw, whatever its type.
            throw new IOException(
                    "cannot listen on " + options.getHost() + ":" + options.getPort() + ": " + e.getMessage(), e);
        }
    }

    Router router(Routes routes) {
        requireEqual(routes);
        // Validation of a response's own form stays with the tests.
        RouterBuilder builder = RouterBuilder.create(vertx, contract, extractor);
        // The framework wants handlers in this order: platform, policy, body, and then what users add.
        builder.rootHandler((PlatformHandler) this::measure);
        builder.rootHandler((SecurityPolicyHandler) SecurityHeaders::add);
        for (Map.Entry<String, Routes.Route> entry : routes.byOperation().entrySet()) {
            add(builder.getRoute(entry.getKey()), entry.getValue());
        }
        Router router = builder.createRouter();
        router.route().failureHandler(Failures::answer);
        router.route("/api/*").handler(context -> {
            throw ApiException.notFound(
                    "The API has no " + context.request().method() + " "
                            + context.request().path(),
                    "接口不存在：" + context.request().method() + " "
                            + context.request().path());
        });
        router.get().handler(new ConsoleFiles(vertx)::serve);
        Failures.answerWhatNoRouteTook(router);
        return router;
    }

    private void add(OpenAPIRoute route, Routes.Route kind) {
        Operation operation = route.getOperation();
        // The builder would validate first: nobody is told what is wrong with a request that is not for them.
        route.setDoSecurity(false).setDoValidation(false);
        route.addHandler((SecurityPolicyHandler) context -> {
            context.put(OPERATION, operation.getOperationId());
            gate.check(context, operation);
        });
        if (kind instanceof Routes.Route.WebSocket webSocket) {
            // A request that was read to its end can no longer become a WebSocket.
            route.addHandler(context -> upgrade(context, operation, webSocket.upgrade()));
            return;
        }
        if (kind instanceof Routes.Route.Upload upload) {
            route.addHandler(context ->
                    transfers.receive(context, call(context, operation), upload, reply -> gate.reply(context, reply)));
            return;
        }
        if (kind instanceof Routes.Route.Download download) {
            route.addHandler(
                    context -> transfers.send(context, download.sending().of(call(context, operation))));
            return;
        }
        route.addHandler(body);
        route.addHandler(context -> validate(context, operation));
        if (kind instanceof Routes.Route.Inline inline) {
            route.addHandler(context ->
                    gate.reply(context, Reply.of(inline.answer().to(call(context, operation)))));
        } else if (kind instanceof Routes.Route.Blocking blocking) {
            // Written on the worker too: a page of a thousand alerts is some milliseconds of JSON.
            route.addHandler(context -> {
                Call call = call(context, operation);
                vertx.executeBlocking(() -> Reply.of(blocking.answer().to(call)), false)
                        .onSuccess(reply -> gate.reply(context, reply))
                        .onFailure(context::fail);
            });
        }
    }

    private void validate(RoutingContext context, Operation operation) {
        extractor
                .extractValidatableRequest(context, operation)
                .compose(request -> validator.validate(request, operation.getOperationId()))
                .onSuccess(request -> {
                    context.put(RouterBuilder.KEY_META_DATA_VALIDATED_REQUEST, request);
                    context.next();
                })
                .onFailure(context::fail);
    }

    private void upgrade(RoutingContext context, Operation operation, Routes.Upgrade upgrade) {
        gate.requireChecked(context, operation);
        if (!isUpgrade(context)) {
            throw new ApiException(426, "upgrade_required", "This address is a WebSocket.", "此地址仅支持 WebSocket。");
        }
        gate.requireOrigin(context);
        Call call = new Call(context, null);
        context.request()
                .toWebSocket()
                .onSuccess(socket -> upgrade.opened(call, new VertxSocket(socket, MAX_CLIENT_FRAME_BYTES)))
                .onFailure(context::fail);
    }

    private static boolean isUpgrade(RoutingContext context) {
        return context.request().method().equals(HttpMethod.GET)
                && "websocket".equalsIgnoreCase(context.request().getHeader("Upgrade"));
    }

    private Call call(RoutingContext context, Operation operation) {
        gate.requireChecked(context, operation);
        ValidatedRequest request = context.get(RouterBuilder.KEY_META_DATA_VALIDATED_REQUEST);
        return new Call(context, request);
    }

    private void requireEqual(Routes routes) {
        Set<String> declared = new TreeSet<>();
        contract.operations().stream().map(Operation::getOperationId).forEach(declared::add);
        Set<String> answered = new TreeSet<>(routes.byOperation().keySet());
        if (!declared.equals(answered)) {
            throw new IllegalStateException("the contract has " + declared + ", the routes are " + answered);
        }
    }

    private void measure(RoutingContext context) {
        long begin = System.nanoTime();
        context.addEndHandler(ended -> {
            String operation = context.get(OPERATION);
            metrics.timer(
                            "tocsin.http.requests",
                            "operation",
                            operation == null ? "console" : operation,
                            "status",
                            Integer.toString(context.response().getStatusCode()))
                    .record(System.nanoTime() - begin, TimeUnit.NANOSECONDS);
        });
        context.next();
    }
}
