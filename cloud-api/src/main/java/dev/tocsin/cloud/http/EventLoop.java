package dev.tocsin.cloud.http;

import io.vertx.core.Context;
import io.vertx.core.Vertx;

/** The one thread on which sockets are written to; what runs here must not wait. Safe to call from any thread. */
public final class EventLoop {
    private final Vertx vertx;
    private final Context context;

    public EventLoop(Vertx vertx, Context context) {
        this.vertx = vertx;
        this.context = context;
    }

    public void run(Runnable work) {
        context.runOnContext(now -> work.run());
    }

    public void after(long delayMs, Runnable work) {
        run(() -> vertx.setTimer(delayMs, timer -> work.run()));
    }

    public void every(long periodMs, Runnable work) {
        run(() -> vertx.setPeriodic(periodMs, timer -> work.run()));
    }
}
