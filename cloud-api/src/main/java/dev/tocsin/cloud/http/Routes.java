package dev.tocsin.cloud.http;

import java.nio.file.Path;
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

    /** Answers a request whose body was received into a file, which is gone afterwards unless it was moved. */
    @FunctionalInterface
    public interface Receipt {
        @Nullable
        Object to(Call call, Path body);
    }

    /** Names the file that a request is answered with. */
    @FunctionalInterface
    public interface Sending {
        Path of(Call call);
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

        /** Its body is no JSON and goes to the disk; then it runs on a worker thread. */
        record Upload(long maxBytes, Receipt receipt) implements Route {}

        /** The file is named on the event loop. */
        record Download(Sending sending) implements Route {}

        /** A WebSocket; everything runs on the event loop. */
        record WebSocket(Upgrade upgrade) implements Route {}
    }

    public Routes inline(String operation, Answer answer) {
        return add(operation, new Route.Inline(answer));
    }

    public Routes blocking(String operation, Answer answer) {
        return add(operation, new Route.Blocking(answer));
    }

    /** @param maxBytes of the body */
    public Routes upload(String operation, long maxBytes, Receipt receipt) {
        return add(operation, new Route.Upload(maxBytes, receipt));
    }

    public Routes download(String operation, Sending sending) {
        return add(operation, new Route.Download(sending));
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
