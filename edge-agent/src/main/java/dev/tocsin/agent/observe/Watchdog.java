package dev.tocsin.agent.observe;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URL;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells systemd that the agent is ready and goes on living, where systemd asks ({@code NOTIFY_SOCKET},
 * {@code WATCHDOG_USEC}). Alive is whoever answers {@code /health} on his port, healthy or not: a full disk is no reason
 * for a restart.
 *
 * <p>systemd's datagram socket is out of Java 17's reach, so its own program {@code systemd-notify} speaks; since version
 * 246 that waits until the message is taken and counts for this service.
 */
public final class Watchdog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watchdog.class);
    private static final int ANSWER_MS = 5_000;
    private static final long NOTIFY_S = 10;
    private static final long BUSY_EVERY_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** What goes on says so again within this time. */
    private static final String MORE_TIME = "EXTEND_TIMEOUT_USEC=" + TimeUnit.MINUTES.toMicros(10);

    private final boolean asked;
    private final long everyMs;
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(runnable -> {
        Thread thread = new Thread(runnable, "watchdog");
        thread.setDaemon(true);
        return thread;
    });

    private final AtomicLong busySaidAt = new AtomicLong(System.nanoTime() - BUSY_EVERY_NANOS);

    /** @param environment as systemd sets it */
    public Watchdog(Map<String, String> environment) {
        asked = environment.containsKey("NOTIFY_SOCKET");
        everyMs = everyMs(environment.get("WATCHDOG_USEC"));
    }

    /** Three signs of life in the time after which systemd loses patience; 0 when it asks for none. */
    private static long everyMs(@Nullable String patienceUs) {
        if (patienceUs == null || !patienceUs.matches("\\d{1,15}")) {
            return 0;
        }
        return Math.max(1_000, Long.parseLong(patienceUs) / 3_000);
    }

    /**
     * To be called again and again by what takes longer than systemd waits for a start, or for a sign of life, as long as it
     * goes on. Does not block; for any thread.
     */
    public void busy() {
        long now = System.nanoTime();
        long last = busySaidAt.get();
        if (asked && now - last >= BUSY_EVERY_NANOS && busySaidAt.compareAndSet(last, now)) {
            try {
                timer.execute(() -> notify("WATCHDOG=1", MORE_TIME));
            } catch (RejectedExecutionException e) {
                LOG.debug("the agent ends: systemd has a patience of its own with that", e);
            }
        }
    }

    /** To be called when the agent takes readings. */
    public void start(int httpPort) {
        if (!asked) {
            return;
        }
        timer.execute(new Chore(() -> notify("--ready")));
        if (everyMs > 0) {
            timer.scheduleWithFixedDelay(
                    new Chore(() -> {
                        if (answers(httpPort)) {
                            notify("WATCHDOG=1");
                        }
                    }),
                    0,
                    everyMs,
                    TimeUnit.MILLISECONDS);
        }
    }

    private static boolean answers(int port) {
        try {
            HttpURLConnection connection =
                    (HttpURLConnection) new URL("http://127.0.0.1:" + port + "/health").openConnection();
            connection.setConnectTimeout(ANSWER_MS);
            connection.setReadTimeout(ANSWER_MS);
            try {
                return connection.getResponseCode() > 0;
            } finally {
                connection.disconnect();
            }
        } catch (IOException e) {
            LOG.error("no answer from this agent's own port {}: systemd hears nothing of it", port, e);
            return false;
        }
    }

    private static void notify(String... what) {
        List<String> command = new ArrayList<>(List.of("systemd-notify"));
        command.addAll(List.of(what));
        try {
            Process program = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!program.waitFor(NOTIFY_S, TimeUnit.SECONDS)) {
                program.destroyForcibly();
            } else if (program.exitValue() != 0) {
                LOG.error("{} failed with {}", command, program.exitValue());
            }
        } catch (IOException e) {
            LOG.error("systemd waits for {} and cannot be told: {}", List.of(what), e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
