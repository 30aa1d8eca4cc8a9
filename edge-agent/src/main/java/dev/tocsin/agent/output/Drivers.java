package dev.tocsin.agent.output;

import dev.tocsin.profiles.settings.GatewaySettings;
import dev.tocsin.profiles.settings.Output;
import java.io.IOException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Carries orders to outputs, each on a thread of its own: one that does not answer holds up no other. Safe for any thread. */
final class Drivers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Drivers.class);
    /** Outputs in force, and as many that are switched off for the last time. */
    private static final int MAX_DRIVING = 2 * GatewaySettings.MAX_OUTPUTS;

    private final Reach reach;
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            0,
            MAX_DRIVING,
            10,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            runnable -> new Thread(runnable, "output-driver"));

    Drivers(Reach reach) {
        this.reach = reach;
    }

    /**
     * @param whenDone told on that thread why it failed, or nothing
     * @return false where {@link #MAX_DRIVING} are under way, or it is closed
     */
    boolean carry(Output.Driver driver, Order order, Consumer<@Nullable String> whenDone) {
        try {
            threads.execute(() -> whenDone.accept(failureOf(driver, order)));
            return true;
        } catch (RejectedExecutionException e) {
            return false;
        }
    }

    private @Nullable String failureOf(Output.Driver driver, Order order) {
        try {
            reach.drive(driver, order);
            return null;
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "the agent ended";
        } catch (RuntimeException e) {
            LOG.error("the output {} could not be driven", order.output(), e);
            return String.valueOf(e.getMessage());
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
