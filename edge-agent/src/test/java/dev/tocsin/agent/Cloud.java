package dev.tocsin.agent;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.command.CommandReply;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Sequences;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.profiles.wire.UplinkCodec;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.eclipse.paho.mqttv5.client.IMqttToken;
import org.eclipse.paho.mqttv5.client.MqttAsyncClient;
import org.eclipse.paho.mqttv5.client.MqttCallback;
import org.eclipse.paho.mqttv5.client.MqttConnectionOptions;
import org.eclipse.paho.mqttv5.client.MqttDisconnectResponse;
import org.eclipse.paho.mqttv5.client.persist.MemoryPersistence;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.eclipse.paho.mqttv5.common.MqttMessage;
import org.eclipse.paho.mqttv5.common.packet.MqttProperties;

/** Stands in for the stream: a subscriber that keeps every reading once by its identity, as dedup does. */
final class Cloud implements MqttCallback, AutoCloseable {
    final Map<String, Reading> bySequence = new ConcurrentHashMap<>();
    final Map<String, Lane> laneOf = new ConcurrentHashMap<>();
    final List<Alert> alerts = Collections.synchronizedList(new ArrayList<>());
    final List<String> rejected = Collections.synchronizedList(new ArrayList<>());
    final List<String> seen = Collections.synchronizedList(new ArrayList<>());
    final List<String> statuses = Collections.synchronizedList(new ArrayList<>());
    /** Of every message, in the order of their arrival. */
    final List<Lane> lanes = Collections.synchronizedList(new ArrayList<>());

    final List<CommandReply> replies = Collections.synchronizedList(new ArrayList<>());
    final List<Sequences.Range> evicted = Collections.synchronizedList(new ArrayList<>());
    /** What may never happen: one identity with two contents, or a batch that cannot be read. */
    final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();

    private final MqttAsyncClient client;

    Cloud(String url) throws MqttException {
        client = new MqttAsyncClient(url, "cloud-" + System.nanoTime(), new MemoryPersistence());
        client.setCallback(this);
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setCleanStart(false);
        options.setSessionExpiryInterval(3_600L);
        client.connect(options).waitForCompletion(10_000);
        client.subscribe("tocsin/v1/up/+/+/+", 1).waitForCompletion(10_000);
    }

    void retain(String topic, byte[] payload) throws MqttException {
        client.publish(topic, payload, 1, true).waitForCompletion(10_000);
    }

    void publish(String topic, String payload) throws MqttException {
        client.publish(topic, payload.getBytes(StandardCharsets.UTF_8), 1, false)
                .waitForCompletion(10_000);
    }

    List<Double> valuesOf(String device) {
        return bySequence.values().stream()
                .filter(reading -> reading.device().equals(device))
                .map(Reading::value)
                .sorted()
                .toList();
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) throws Exception {
        Topics.Up up = Topics.parseUp(topic);
        String text = new String(message.getPayload(), StandardCharsets.UTF_8);
        lanes.add(up.lane());
        switch (up.lane()) {
            case LIVE, BACKLOG -> onBatch(up.lane(), message.getPayload());
            case ALERT -> alerts.add(AlertJson.read(message.getPayload()));
            case REJECTED -> rejected.add(text);
            case SEEN -> seen.add(text);
            case STATUS -> statuses.add(text);
            case REPLY -> replies.add(CommandReply.read(message.getPayload()));
            default -> faults.add("a message on " + topic);
        }
    }

    private void onBatch(Lane lane, byte[] payload) {
        try {
            UplinkCodec.UplinkBatch batch = UplinkCodec.decodeBatch(payload);
            evicted.addAll(batch.evicted());
            for (DeviceReadings readings : batch.readings()) {
                for (int i = 0; i < readings.count(); i++) {
                    String identity = batch.epoch() + "/" + (readings.firstSequence() + i);
                    Reading reading = readings.at(i);
                    Reading before = bySequence.putIfAbsent(identity, reading);
                    laneOf.putIfAbsent(identity, lane);
                    if (before != null && !before.equals(reading)) {
                        faults.add(identity + " is " + before + " and " + reading);
                    }
                }
            }
        } catch (UplinkCodec.BadBatchException | RuntimeException e) {
            faults.add(e.toString());
        }
    }

    @Override
    public void disconnected(MqttDisconnectResponse response) {
        // The broker lives as long as the test.
    }

    @Override
    public void mqttErrorOccurred(MqttException e) {
        faults.add(e.toString());
    }

    @Override
    public void deliveryComplete(IMqttToken token) {
        // Publications are waited for.
    }

    @Override
    public void connectComplete(boolean reconnect, String serverUri) {
        // Waited for.
    }

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {
        // Not used.
    }

    @Override
    public void close() throws MqttException {
        client.disconnectForcibly(0, 500, false);
        client.close(true);
    }
}
