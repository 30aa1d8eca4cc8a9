package dev.tocsin.stream.source.reader;

import java.util.concurrent.CompletableFuture;

/** Tells Flink that there is something to poll again. Any thread may signal; Flink's thread asks and resets. */
final class Availability {
    private CompletableFuture<Void> future = CompletableFuture.completedFuture(null);

    synchronized CompletableFuture<Void> future() {
        return future;
    }

    synchronized void signal() {
        future.complete(null);
    }

    /** To be followed by another look at the queues, or a signal in between is lost. */
    synchronized void reset() {
        if (future.isDone()) {
            future = new CompletableFuture<>();
        }
    }
}
