package dev.tocsin.standalone.bench;

import dev.tocsin.profiles.codec.Incoming;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.standalone.field.SenMl;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Connections that publish as fast as they are acknowledged, or at a given rate in all. Each connection is a device;
 * threads are few, because the sensors' side of a bench shares its two cores with what is measured.
 */
final class Load implements AutoCloseable {
    private static final int THREADS = 2;
    private static final long BETWEEN_READINGS_MS = 10;
    /** More than a device sends within the time that a pack covers. */
    private static final long DIFFERENT_VALUES = 10_000_000;
    /** For the last window after the load; each window is small. */
    private static final Duration DONE_WITHIN = Duration.ofMinutes(1);

    private final Sensors sensors;
    private final String topicPrefix;
    private final Profile profile;
    private final int readingsPerMessage;
    private final Map<String, String> properties;
    /** Readings sent by each device; each device belongs to one thread. */
    private final long[] sent;

    private final AtomicLong messages = new AtomicLong();

    /**
     * @param topicPrefix the device's id follows
     * @param readingsPerMessage 1, or a pack of so many readings, 10 ms apart
     */
    Load(Sensors.Access access, int count, int window, String topicPrefix, Profile profile, int readingsPerMessage)
            throws IOException, InterruptedException {
        this.topicPrefix = topicPrefix;
        this.profile = profile;
        this.readingsPerMessage = readingsPerMessage;
        this.sent = new long[count];
        this.properties = Map.of(Incoming.PROFILE, profile.id());
        this.sensors = new Sensors(access, "bench-" + topicPrefix.replace('/', '-'), count, window);
    }

    long acknowledged() {
        return sensors.acknowledged();
    }

    /**
     * Publishes for so long and returns when the last message is acknowledged.
     *
     * @param perSecond messages a second of all connections together; absent: as many as are taken
     * @return messages published
     * @throws IOException when some of them were never acknowledged; the message says how many
     */
    long run(Duration duration, @Nullable Double perSecond) throws InterruptedException, IOException {
        long before = messages.get();
        long acknowledgedBefore = acknowledged();
        long until = System.nanoTime() + duration.toNanos();
        List<Thread> threads = new ArrayList<>();
        for (int t = 0; t < THREADS; t++) {
            int first = t;
            Thread thread = new Thread(
                    () -> publish(first, until, perSecond == null ? null : perSecond / THREADS), "load-" + t);
            thread.start();
            threads.add(thread);
        }
        // A broker that acknowledges nothing any more keeps a full window shut.
        for (Thread thread : threads) {
            TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, until - System.nanoTime() + DONE_WITHIN.toNanos()));
            thread.interrupt();
        }
        long published = messages.get() - before;
        Deadline deadline = new Deadline(DONE_WITHIN);
        while (acknowledged() - acknowledgedBefore < published) {
            if (sensors.refused() > 0) {
                throw new IOException("the broker refused " + sensors.refused() + " of the bench's messages");
            }
            deadline.require("messages acknowledged", published, acknowledged() - acknowledgedBefore);
            TimeUnit.MILLISECONDS.sleep(1);
        }
        return published;
    }

    private void publish(int first, long untilNanos, @Nullable Double perSecond) {
        try {
            long began = System.nanoTime();
            long messagesSent = 0;
            while (System.nanoTime() < untilNanos) {
                for (int c = first; c < sensors.count(); c += THREADS) {
                    sensors.publish(c, topicPrefix + "bench-" + c, payload(c), properties);
                    messages.incrementAndGet();
                    messagesSent++;
                    if (perSecond != null) {
                        long dueNanos = began + (long) (messagesSent / perSecond * 1e9);
                        TimeUnit.NANOSECONDS.sleep(Math.max(0, dueNanos - System.nanoTime()));
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Calm values of which no two are the same for a device: the agent takes the same value at the same time for a
     * device's own re-send, and the row that is waited for would never come.
     */
    private byte[] payload(int device) {
        long nowMs = System.currentTimeMillis();
        Map<Long, Map<String, Double>> pack = new LinkedHashMap<>();
        for (int i = readingsPerMessage - 1; i >= 0; i--) {
            double calm = 20 + (sent[device]++ % DIFFERENT_VALUES) / (double) DIFFERENT_VALUES;
            pack.put(nowMs - i * BETWEEN_READINGS_MS, Map.of("temperature", calm));
        }
        return SenMl.pack(profile, pack);
    }

    @Override
    public void close() {
        sensors.close();
    }
}
