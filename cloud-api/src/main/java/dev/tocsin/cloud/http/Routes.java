package dev.tocsin.cloud.http;

import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Operations of the contract and who answers them. Filled once at start. */
public final class Routes {
    private final Map<String, Route> byOperation = new LinkedHashMap<>();

    /** Answers one request: a record to be written as JSON, a {@link Reply}, or null for 204. */
    @FunctionalInterface
    public interface Answer {
        @Nullable
        Object to(Call call);
    }

    /** Takes over a WebSocket that was just opened. */
    @FunctionalInterface
    public interface Upgrade {
        void opened(Call call, Socket socket);
    }

    sealed interface Route {
        /** Runs on the event loop and must not wait for anything. */
        record Inline(Answer answer) implements Route {}

        /** Runs on a worker thread. */
        record Blocking(Answer answer) implements Route {}

        /** A WebSocket; everything runs on the event loop. */
        record WebSocket(Upgrade upgrade) implements Route {}
    }

    public Routes inline(String operation, Answer answer) {
        return add(operation, new Route.Inline(answer));
    }

    public Routes blocking(String operation, Answer answer) {
        return add(operation, new Route.Blocking(answer));
    }

    public Routes webSocket(String operation, Upgrade upgrade) {
        return add(operation, new Route.WebSocket(upgrade));
    }

    Map<String, Route> byOperation() {
        return byOperation;
    }

    private Routes add(String operation, Route route) {
        if (byOperation.put(operation, route) != null) {
            throw new IllegalStateException(operation + " has two routes");
        }
        return this;
    }
}
