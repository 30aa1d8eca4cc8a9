package dev.tocsin.agent;

import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Sequences;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.profiles.wire.UplinkCodec;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.eclipse.paho.mqttv5.common.MqttException;

/**
 * What the cloud's side stores: each (gateway, epoch, sequence) once, by the very set of ranges that the jobs use. Every
 * reading of a sensor bears a number of its own as its value, so one that is stored under a second identity is noticed.
 */
final class Archive implements AutoCloseable {
    /** The value of number {@code n} is {@code n / SCALE}: a temperature that nobody takes for a fire. */
    static final double SCALE = 1e6;

    final Queue<String> faults;

    final ConcurrentLinkedQueue<String> doubles = new ConcurrentLinkedQueue<>();

    private final Subscriber subscriber;
    private final Map<String, Sequences> byEpoch = new HashMap<>();
    private final Map<String, BitSet> byDevice = new HashMap<>();
    /** By device and number; to find out why something is doubled. */
    private final Map<String, Long> sequences = new HashMap<>();

    private long stored;
    private long doubled;

    Archive(String url) throws MqttException {
        subscriber = new Subscriber(url, "archive", "tocsin/v1/up/+/+/+", this::heard);
        faults = subscriber.faults;
    }

    private void heard(String topic, byte[] payload) throws UplinkCodec.BadBatchException {
        Lane lane = Topics.parseUp(topic).lane();
        if (lane == Lane.LIVE || lane == Lane.BACKLOG) {
            store(UplinkCodec.decodeBatch(payload));
        }
    }

    private synchronized void store(UplinkCodec.UplinkBatch batch) {
        Sequences known = byEpoch.computeIfAbsent(batch.epoch(), epoch -> new Sequences());
        for (DeviceReadings readings : batch.readings()) {
            for (Sequences.Range fresh :
                    known.add(readings.firstSequence(), readings.firstSequence() + readings.count() - 1)) {
                for (long sequence = fresh.first(); sequence <= fresh.last(); sequence++) {
                    store(readings, (int) (sequence - readings.firstSequence()));
                }
            }
        }
    }

    private void store(DeviceReadings readings, int i) {
        int number = (int) Math.round(readings.value()[i] * SCALE);
        BitSet seen = byDevice.computeIfAbsent(readings.device(), device -> new BitSet());
        if (readings.device().startsWith("gw-")) {
            return;
        }
        stored++;
        if (seen.get(number)) {
            doubled++;
            // Enough to find out why.
            if (doubles.size() < 20) {
                doubles.add(readings.device() + " " + number + " as " + sequences.get(readings.device() + number)
                        + " and as " + (readings.firstSequence() + i) + ", received " + readings.receivedAtMs()[i]);
            }
        }
        seen.set(number);
        sequences.putIfAbsent(readings.device() + number, readings.firstSequence() + i);
    }

    synchronized long stored() {
        return stored;
    }

    synchronized long doubled() {
        return doubled;
    }

    synchronized int epochs() {
        return byEpoch.size();
    }

    /** How many of the numbers 0 to {@code count - 1} of a device are not there. */
    synchronized int missing(String device, int count) {
        BitSet seen = byDevice.getOrDefault(device, new BitSet());
        return count - seen.get(0, count).cardinality();
    }

    @Override
    public void close() throws MqttException {
        subscriber.close();
    }
}
