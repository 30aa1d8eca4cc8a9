package dev.tocsin.agent.observe;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.tocsin.profiles.desired.DesiredJson;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * {@code /metrics}, {@code /health} and {@code /tail}, read-only. Who sends half a request, or does not take the answer, is
 * cut off.
 */
public final class LocalHttp implements AutoCloseable {
    private static final int THREADS = 4;
    private static final String REQUEST_WITHIN_S = "2";
    private static final String ANSWER_TAKEN_WITHIN_S = "10";

    static {
        // The server reads them once, when it is loaded. Without them half a request holds a thread for ever, and when
        // all
        // are held, the watchdog hears nothing of this agent.
        System.setProperty("sun.net.httpserver.maxReqTime", REQUEST_WITHIN_S);
        System.setProperty("sun.net.httpserver.maxRspTime", ANSWER_TAKEN_WITHIN_S);
    }

    private final HttpServer server;
    private final ExecutorService threads =
            Executors.newFixedThreadPool(THREADS, runnable -> new Thread(runnable, "http"));

    /** What {@code /health} answers: 200 when healthy, 503 when not, with the parts as JSON. */
    public record Health(boolean healthy, Map<String, Object> parts) {
        public Health {
            parts = Map.copyOf(parts);
        }
    }

    public LocalHttp(InetSocketAddress address, AgentMetrics metrics, Supplier<Health> health) throws IOException {
        server = HttpServer.create(address, 16);
        server.setExecutor(threads);
        server.createContext(
                "/metrics",
                exchange -> answer(
                        exchange, "/metrics", 200, "text/plain; version=0.0.4; charset=utf-8", metrics.scrape()));
        server.createContext(
                "/tail",
                exchange -> answer(
                        exchange,
                        "/tail",
                        200,
                        "application/x-ndjson",
                        metrics.feed().after(number(exchange.getRequestURI().getQuery()))));
        server.createContext("/health", exchange -> {
            Health now = health.get();
            answer(
                    exchange,
                    "/health",
                    now.healthy() ? 200 : 503,
                    "application/json",
                    new String(DesiredJson.write(now), StandardCharsets.UTF_8));
        });
    }

    /** Of {@code after=N}; -1 for anything else. */
    private static long number(@Nullable String query) {
        return query != null && query.matches("after=\\d{1,18}") ? Long.parseLong(query.substring(6)) : -1;
    }

    public void start() {
        server.start();
    }

    public int port() {
        return server.getAddress().getPort();
    }

    private static void answer(HttpExchange exchange, String path, int status, String type, String text)
            throws IOException {
        try (exchange) {
            boolean known = exchange.getRequestURI().getPath().equals(path);
            boolean get = exchange.getRequestMethod().equals("GET");
            byte[] body = known && get ? text.getBytes(StandardCharsets.UTF_8) : new byte[0];
            if (known && get) {
                exchange.getResponseHeaders().set("Content-Type", type);
            }
            exchange.sendResponseHeaders(!known ? 404 : get ? status : 405, body.length == 0 ? -1 : body.length);
            try (OutputStream out = exchange.getResponseBody()) {
                out.write(body);
            }
        }
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
