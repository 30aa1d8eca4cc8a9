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
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.paho.mqttv5.common.MqttException;

/** Stands in for the stream: a subscriber that keeps every reading once by its identity, as dedup does. */
final class Cloud implements AutoCloseable {
    private static final String BRIEF =
            "id: brief\nversion: 1000000\nchanges: [{rule: senml-room/heat, off-delay: 1s}]";

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
    final Queue<String> faults;

    private final Subscriber subscriber;

    Cloud(String url) throws MqttException {
        subscriber = new Subscriber(url, "cloud-" + System.nanoTime(), "tocsin/v1/up/+/+/+", this::heard);
        faults = subscriber.faults;
    }

    void retain(String topic, byte[] payload) throws MqttException {
        subscriber.publish(topic, payload, true);
    }

    /** From now on a heat that is gone is over after a second: what its rule waits for otherwise is half a minute. */
    void retainShortDelays() throws MqttException {
        retain(Topics.stateOfRules("brief"), BRIEF.getBytes(StandardCharsets.UTF_8));
    }

    void publish(String topic, String payload) throws MqttException {
        subscriber.publish(topic, payload.getBytes(StandardCharsets.UTF_8), false);
    }

    List<Double> valuesOf(String device) {
        return bySequence.values().stream()
                .filter(reading -> reading.device().equals(device))
                .map(Reading::value)
                .sorted()
                .toList();
    }

    private void heard(String topic, byte[] payload) throws UplinkCodec.BadBatchException {
        Topics.Up up = Topics.parseUp(topic);
        String text = new String(payload, StandardCharsets.UTF_8);
        lanes.add(up.lane());
        switch (up.lane()) {
            case LIVE, BACKLOG -> onBatch(up.lane(), UplinkCodec.decodeBatch(payload));
            case ALERT -> alerts.add(AlertJson.read(payload));
            case REJECTED -> rejected.add(text);
            case SEEN -> seen.add(text);
            case STATUS -> statuses.add(text);
            case REPLY -> replies.add(CommandReply.read(payload));
            default -> throw new IllegalArgumentException("no lane of an agent");
        }
    }

    private void onBatch(Lane lane, UplinkCodec.UplinkBatch batch) {
        evicted.addAll(batch.evicted());
        for (DeviceReadings readings : batch.readings()) {
            for (int i = 0; i < readings.count(); i++) {
                String identity = batch.epoch() + "/" + (readings.firstSequence() + i);
                Reading reading = readings.at(i);
                Reading before = bySequence.putIfAbsent(identity, reading);
                laneOf.putIfAbsent(identity, lane);
                if (before != null && !before.equals(reading)) {
                    subscriber.faults.add(identity + " is " + before + " and " + reading);
                }
            }
        }
    }

    @Override
    public void close() throws MqttException {
        subscriber.close();
    }
}
