package dev.tocsin.agent;

import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Sequences;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.profiles.wire.UplinkCodec;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
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

/**
 * What the cloud's side stores: each (gateway, epoch, sequence) once, by the very set of ranges that the jobs use. Every
 * reading of a sensor bears a number of its own as its value, so one that is stored under a second identity is noticed.
 */
final class Archive implements MqttCallback, AutoCloseable {
    /** The value of number {@code n} is {@code n / SCALE}: a temperature that nobody takes for a fire. */
    static final double SCALE = 1e6;

    final ConcurrentLinkedQueue<String> faults = new ConcurrentLinkedQueue<>();

    final ConcurrentLinkedQueue<String> doubles = new ConcurrentLinkedQueue<>();

    private final MqttAsyncClient client;
    private final Map<String, Sequences> byEpoch = new HashMap<>();
    private final Map<String, BitSet> byDevice = new HashMap<>();
    /** By device and number; to find out why something is doubled. */
    private final Map<String, Long> sequences = new HashMap<>();

    private long stored;
    private long doubled;

    Archive(String url) throws MqttException {
        client = new MqttAsyncClient(url, "archive", new MemoryPersistence());
        client.setCallback(this);
        MqttConnectionOptions options = new MqttConnectionOptions();
        options.setCleanStart(false);
        options.setSessionExpiryInterval(3_600L);
        client.connect(options).waitForCompletion(10_000);
        client.subscribe("tocsin/v1/up/+/+/+", 1).waitForCompletion(10_000);
    }

    @Override
    public void messageArrived(String topic, MqttMessage message) {
        Lane lane = Topics.parseUp(topic).lane();
        if (lane != Lane.LIVE && lane != Lane.BACKLOG) {
            return;
        }
        try {
            store(UplinkCodec.decodeBatch(message.getPayload()));
        } catch (UplinkCodec.BadBatchException | RuntimeException e) {
            faults.add(e.toString());
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
    public void disconnected(MqttDisconnectResponse response) {
        // The broker lives as long as the test.
    }

    @Override
    public void mqttErrorOccurred(MqttException e) {
        faults.add(e.toString());
    }

    @Override
    public void deliveryComplete(IMqttToken token) {
        // Nothing is published here.
    }

    @Override
    public void connectComplete(boolean reconnect, String serverUri) {
        // Waited for.
    }

    @Override
    public void authPacketArrived(int reasonCode, MqttProperties properties) {
        // Enhanced authentication is not used.
    }

    @Override
    public void close() throws MqttException {
        client.disconnectForcibly(0, 500, false);
        client.close(true);
    }
}
