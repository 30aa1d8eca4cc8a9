package dev.tocsin.standalone.river;

import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import dev.tocsin.profiles.wire.UplinkCodec;
import dev.tocsin.standalone.field.FieldPublisher;
import dev.tocsin.standalone.platform.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;

/**
 * A gateway without sensors: sends batches of readings whose values are their own sequence numbers, so that what is
 * stored can be compared with what was sent, one by one. For one thread.
 */
final class UplinkGateway {
    static final String PROFILE = "heat-en54-a1r";
    static final String METRIC = "temperature";

    private final String gateway;
    private final FieldPublisher publisher;
    private final String epoch = UUID.randomUUID().toString().replace("-", "");
    private final int devices;
    private final long startMs;
    private long nextSequence = 1;
    private long lastAtMs;

    UplinkGateway(String gateway, FieldPublisher publisher, int devices, long startMs) {
        this.gateway = gateway;
        this.publisher = publisher;
        this.devices = devices;
        this.startMs = startMs;
        this.lastAtMs = startMs;
    }

    String epoch() {
        return epoch;
    }

    /** The last sequence that was sent. */
    long sent() {
        return nextSequence - 1;
    }

    String device(int i) {
        return gateway + "-d" + i;
    }

    /**
     * One batch: {@code perDevice} readings of each device, one second apart, of a harmless temperature whose small
     * part is the sequence.
     */
    CompletableFuture<Integer> send(int perDevice) throws InterruptedException {
        List<DeviceReadings> groups = new ArrayList<>();
        for (int d = 0; d < devices; d++) {
            List<Reading> readings = new ArrayList<>();
            long first = nextSequence;
            for (int i = 0; i < perDevice; i++) {
                readings.add(reading(device(d), valueOf(nextSequence++), lastAtMs + i * 1000L));
            }
            groups.add(DeviceReadings.of(device(d), PROFILE, false, first, readings));
        }
        lastAtMs += perDevice * 1000L;
        return publish(Lane.LIVE, groups);
    }

    /** One reading of one device at once. */
    CompletableFuture<Integer> send(String device, double value, long atMs) throws InterruptedException {
        return send(Lane.LIVE, List.of(List.of(reading(device, value, atMs))));
    }

    /** @param readings of each device in turn */
    CompletableFuture<Integer> send(Lane lane, List<List<Reading>> readings) throws InterruptedException {
        List<DeviceReadings> groups = new ArrayList<>();
        for (List<Reading> ofDevice : readings) {
            groups.add(DeviceReadings.of(ofDevice.get(0).device(), PROFILE, false, nextSequence, ofDevice));
            nextSequence += ofDevice.size();
        }
        return publish(lane, groups);
    }

    /** Where a reading is from. */
    record Origin(String device, long atMs) {}

    /** Of a gateway that sent nothing but {@link #send(int)}, always with the same number: what has this sequence. */
    Origin originOf(long sequence, int perDevice) {
        long index = sequence - 1;
        long ofBatch = index % ((long) devices * perDevice);
        long batch = index / ((long) devices * perDevice);
        return new Origin(
                device((int) (ofBatch / perDevice)), startMs + (batch * perDevice + ofBatch % perDevice) * 1000L);
    }

    /** The sequence that has this value; 0 where none has. */
    static long sequenceOf(double value) {
        long sequence = Math.round((value - 20) * (1L << 40));
        return sequence > 0 && valueOf(sequence) == value ? sequence : 0;
    }

    /** Between 20 and 21 °C, exact in binary, a different one for each of 2^40 sequences. */
    static double valueOf(long sequence) {
        return 20 + sequence / (double) (1L << 40);
    }

    static Reading reading(String device, double value, long atMs) {
        return new Reading(device, METRIC, value, atMs, atMs, Quality.GOOD);
    }

    private CompletableFuture<Integer> publish(Lane lane, List<DeviceReadings> groups) throws InterruptedException {
        byte[] batch = UplinkCodec.encodeBatch(epoch, List.of(), List.of(UplinkCodec.encodeBlock(groups)));
        String topic = Topics.up(Topics.shardOf(gateway, Plan.SHARDS), gateway, lane);
        return publisher.publish(topic, batch, Map.of());
    }
}
