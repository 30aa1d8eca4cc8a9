package dev.tocsin.standalone.bench;

import dev.tocsin.profiles.codec.Incoming;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.standalone.field.FieldPublisher;
import dev.tocsin.standalone.field.SenMl;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.jspecify.annotations.Nullable;

/**
 * Connections that publish as fast as they are acknowledged, or at a given rate in all. Each connection is a device;
 * threads are few, because the sensors' side of a bench shares its two cores with what is measured.
 */
final class Load implements AutoCloseable {
    private static final int THREADS = 2;

    private final List<FieldPublisher> connections = new ArrayList<>();
    private final String topicPrefix;
    private final Profile profile;
    private final int readingsPerMessage;
    private final Map<String, String> properties;
    private final AtomicLong messages = new AtomicLong();

    /** Opens a connection; a bench's own, so that the same load can go to another topic or user. */
    interface Connector {
        FieldPublisher connect(String clientId, int window) throws MqttException;
    }

    /**
     * @param topicPrefix the device's id follows
     * @param readingsPerMessage 1, or a pack of so many readings, one second apart
     */
    Load(Connector connector, int count, int window, String topicPrefix, Profile profile, int readingsPerMessage)
            throws MqttException {
        this.topicPrefix = topicPrefix;
        this.profile = profile;
        this.readingsPerMessage = readingsPerMessage;
        this.properties = Map.of(Incoming.PROFILE, profile.id());
        for (int i = 0; i < count; i++) {
            connections.add(connector.connect("bench-" + topicPrefix.replace('/', '-') + i, window));
        }
    }

    long acknowledged() {
        return connections.stream().mapToLong(FieldPublisher::acknowledged).sum();
    }

    /**
     * Publishes for so long and returns when the last message is acknowledged.
     *
     * @param perSecond messages a second of all connections together; absent: as many as are taken
     * @return messages published
     */
    long run(Duration duration, @Nullable Double perSecond) throws InterruptedException {
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
        for (Thread thread : threads) {
            thread.join();
        }
        long published = messages.get() - before;
        while (acknowledged() - acknowledgedBefore < published) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        return published;
    }

    private void publish(int first, long untilNanos, @Nullable Double perSecond) {
        try {
            long began = System.nanoTime();
            long sent = 0;
            while (System.nanoTime() < untilNanos) {
                for (int c = first; c < connections.size(); c += THREADS) {
                    connections.get(c).publish(topicPrefix + "bench-" + c, payload(c + sent), properties);
                    messages.incrementAndGet();
                    sent++;
                    if (perSecond != null) {
                        long dueNanos = began + (long) (sent / perSecond * 1e9);
                        TimeUnit.NANOSECONDS.sleep(Math.max(0, dueNanos - System.nanoTime()));
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Calm values that differ, so that nothing is taken for a device's own re-send. */
    private byte[] payload(long salt) {
        long nowMs = System.currentTimeMillis();
        if (readingsPerMessage == 1) {
            return SenMl.pack(profile, nowMs, Map.of("temperature", calm(salt)));
        }
        Map<Long, Map<String, Double>> pack = new LinkedHashMap<>();
        for (int i = 0; i < readingsPerMessage; i++) {
            pack.put(nowMs - (readingsPerMessage - 1L - i) * 10, Map.of("temperature", calm(salt + i)));
        }
        return SenMl.pack(profile, pack);
    }

    private static double calm(long salt) {
        return 20 + Math.floorMod(salt * 7919, 1000) / 1000.0;
    }

    @Override
    public void close() {
        connections.forEach(FieldPublisher::close);
    }
}
