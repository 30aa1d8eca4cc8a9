package dev.tocsin.standalone.bench;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Sequences;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.profiles.wire.UplinkCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.eclipse.paho.mqttv5.client.IMqttMessageListener;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.MqttSubscription;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;
import org.jspecify.annotations.Nullable;

/**
 * Stands where the jobs do, each lane with a session of its own as they have it: hears one agent's uplink, counts each
 * reading once, and notes when an alert came.
 */
final class UplinkTap implements AutoCloseable {
    private static final List<Lane> LANES = List.of(Lane.ALERT, Lane.LIVE, Lane.BACKLOG);

    private final List<MqttAsyncClient> clients = new ArrayList<>();
    private final Map<String, Sequences> heard = new HashMap<>();
    private final AtomicLong readings = new AtomicLong();
    private final Map<String, Long> alertNanos = new ConcurrentHashMap<>();
    private final AtomicReference<@Nullable Exception> fault = new AtomicReference<>();

    UplinkTap(Sensors.Access access) throws MqttException {
        for (Lane lane : LANES) {
            clients.add(hear(access, lane));
        }
    }

    private MqttAsyncClient hear(Sensors.Access access, Lane lane) throws MqttException {
        MqttAsyncClient client = new MqttAsyncClient(
                access.brokerUrl(), "bench-uplink-tap-" + lane.topicLevel(), new MemoryPersistence());
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setUserName(access.user());
        options.setPassword(access.password().getBytes(StandardCharsets.UTF_8));
        client.connect(options).waitForCompletion(10_000);
        MqttProperties properties = new MqttProperties();
        // The client finds the listener by it.
        properties.setSubscriptionIdentifiers(List.of(1));
        MqttSubscription subscription = new MqttSubscription("tocsin/v1/up/+/+/" + lane.topicLevel(), 1);
        client.subscribe(
                        new MqttSubscription[] {subscription},
                        null,
                        null,
                        (IMqttMessageListener) this::take,
                        properties)
                .waitForCompletion(10_000);
        return client;
    }

    private void take(String topic, MqttMessage message) {
        long now = System.nanoTime();
        try {
            Lane lane = Objects.requireNonNull(Topics.parseUp(topic), topic).lane();
            if (lane == Lane.LIVE || lane == Lane.BACKLOG) {
                count(UplinkCodec.decodeBatch(message.getPayload()));
            } else if (lane == Lane.ALERT) {
                Alert alert = AlertJson.read(message.getPayload());
                alertNanos.putIfAbsent(alert.device(), now);
            }
        } catch (UplinkCodec.BadBatchException | RuntimeException e) {
            fault.compareAndSet(null, e);
        }
    }

    /** What was live when it was sent first may come again as backlog, on the other client's thread. */
    private synchronized void count(UplinkCodec.UplinkBatch batch) {
        Sequences known = heard.computeIfAbsent(batch.epoch(), epoch -> new Sequences());
        for (DeviceReadings group : batch.readings()) {
            for (Sequences.Range fresh : known.add(group.firstSequence(), group.lastSequence())) {
                readings.addAndGet(fresh.last() - fresh.first() + 1);
            }
        }
    }

    /** Each once, the agent's own pulses among them. */
    long readings() {
        Exception failed = fault.get();
        if (failed != null) {
            throw new IllegalStateException("the agent sent what cannot be read", failed);
        }
        return readings.get();
    }

    /** When the first alert of the device came, by {@link System#nanoTime}; absent where none came in time. */
    @Nullable
    Long awaitAlert(String device, Deadline deadline) throws InterruptedException {
        while (!alertNanos.containsKey(device) && !deadline.passed()) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
        return alertNanos.get(device);
    }

    @Override
    public void close() throws MqttException {
        for (MqttAsyncClient client : clients) {
            client.disconnectForcibly(0, 1_000, false);
            client.close(true);
        }
    }
}
