package dev.tocsin.standalone.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * How many messages a second a receiver takes from a broker, that is acknowledges, while sensors publish as fast as it
 * does: the receiver is an agent, which acknowledges after its commit, or, for comparison, a subscriber that does nothing.
 * Sensors may be ahead of the receiver by {@link #AHEAD} messages and no more, so that the figure is of a steady state.
 */
public final class MessageRate {
    /** Messages published and not taken yet: what a broker holds without effort. */
    private static final long AHEAD = 20_000;

    private static final Duration ALL_TAKEN_WITHIN = Duration.ofMinutes(2);
    private static final int WINDOW = 64;
    private static final long LOOK_EVERY_MS = 100;
    private static final String PROFILE = "heat-en54-a1r";
    private final Sensors.Access access;
    private final int devices;
    private final int readingsPerMessage;
    private final Duration seconds;

    /** What was taken in the time after the warm-up. */
    public record Rate(double messagesPerSecond, double readingsPerSecond) {}

    /**
     * @param devices a connection each
     * @param seconds of the measurement, after a warm-up of a third of it
     */
    MessageRate(Sensors.Access access, int devices, int readingsPerMessage, Duration seconds) {
        this.access = access;
        this.devices = devices;
        this.readingsPerMessage = readingsPerMessage;
        this.seconds = seconds;
    }

    /** What this agent acknowledges. */
    Rate ofAgent(AgentMetricsPage agent) throws IOException, InterruptedException {
        return measure("sensors/", () -> {
            try {
                return (long) agent.sum(AgentMetricsPage.ACKNOWLEDGED);
            } catch (IOException e) {
                throw new UncheckedIOException("the agent's metrics: " + e.getMessage(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return 0;
            }
        });
    }

    /** The same load, taken by nobody but a subscriber that counts: what the broker alone gives. */
    Rate ofBroker() throws IOException, InterruptedException {
        try (RawSubscriber subscriber = new RawSubscriber(access, "message-rate", "bare/#")) {
            return measure("bare/", subscriber::received);
        }
    }

    private Rate measure(String topicPrefix, LongSupplier takenInAll) throws IOException, InterruptedException {
        List<PublishTemplate> messages = IntStream.range(0, devices)
                .mapToObj(i -> new PublishTemplate(topicPrefix + "rate-" + i, PROFILE, readingsPerMessage))
                .toList();
        AtomicBoolean running = new AtomicBoolean(true);
        AtomicBoolean mayPublish = new AtomicBoolean(true);
        AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
        try (RawPublishers publishers = new RawPublishers(access, "rate-" + topicPrefix.charAt(0), messages, WINDOW)) {
            long before = takenInAll.getAsLong();
            Thread thread = new Thread(
                    () -> {
                        try {
                            publishers.run(running::get, mayPublish::get);
                        } catch (IOException | RuntimeException e) {
                            failure.set(e);
                        }
                    },
                    "rate-publishers");
            thread.start();
            try {
                long began = System.nanoTime();
                Watch watch = new Watch(() -> takenInAll.getAsLong() - before, publishers, mayPublish, failure);
                watch.until(began + seconds.toNanos() / 3);
                long from = System.nanoTime();
                long takenBefore = watch.taken;
                watch.until(from + seconds.toNanos());
                double messagesPerSecond = (watch.taken - takenBefore) / ((System.nanoTime() - from) / 1e9);
                return new Rate(messagesPerSecond, messagesPerSecond * readingsPerMessage);
            } finally {
                running.set(false);
                thread.join();
                // Whoever measures next finds a broker that owes nothing.
                Deadline deadline = new Deadline(ALL_TAKEN_WITHIN);
                while (takenInAll.getAsLong() - before < publishers.published()) {
                    deadline.require("messages taken", publishers.published(), takenInAll.getAsLong() - before);
                    TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MS);
                }
            }
        }
    }

    /** Holds the sensors back when they are too far ahead. */
    private static final class Watch {
        private final LongSupplier takenNow;
        private final RawPublishers publishers;
        private final AtomicBoolean mayPublish;
        private final AtomicReference<@Nullable Throwable> failure;
        private long taken;

        Watch(
                LongSupplier takenNow,
                RawPublishers publishers,
                AtomicBoolean mayPublish,
                AtomicReference<@Nullable Throwable> failure) {
            this.takenNow = takenNow;
            this.publishers = publishers;
            this.mayPublish = mayPublish;
            this.failure = failure;
        }

        void until(long nanos) throws IOException, InterruptedException {
            while (System.nanoTime() < nanos) {
                Throwable cause = failure.get();
                if (cause != null) {
                    throw new IOException("the sensors of the bench failed: " + cause.getMessage(), cause);
                }
                taken = takenNow.getAsLong();
                mayPublish.set(publishers.published() - taken < AHEAD);
                TimeUnit.MILLISECONDS.sleep(LOOK_EVERY_MS);
            }
            taken = takenNow.getAsLong();
        }
    }

    /** Broker's URL, devices, seconds, readings a message, and the agent's /metrics where one is to be measured. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length != 4 && arguments.length != 5) {
            System.err.println("usage: MessageRate BROKER_URL DEVICES SECONDS READINGS_A_MESSAGE [AGENT_METRICS_URL]");
            System.exit(2);
        }
        MessageRate rate = new MessageRate(
                Sensors.Access.of(arguments[0]),
                Integer.parseInt(arguments[1]),
                Integer.parseInt(arguments[3]),
                Duration.ofSeconds(Long.parseLong(arguments[2])));
        Rate measured =
                arguments.length == 5 ? rate.ofAgent(new AgentMetricsPage(URI.create(arguments[4]))) : rate.ofBroker();
        System.out.printf(
                "messages-per-second=%.0f readings-per-second=%.0f%n",
                measured.messagesPerSecond(), measured.readingsPerSecond());
    }
}
