package dev.tocsin.stream.bench;

import dev.tocsin.profiles.alert.Place;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.GatewayState;
import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.wire.UplinkCodec;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Messages of calm room sensors behind gateways of {@value #DEVICES_OF_GATEWAY} each, as {@link RecordedSource} reads
 * them: desired state first, then round after round a batch of every gateway. In each round every device reports.
 *
 * @param devices how many report
 * @param perDevice readings that a device has in a batch of {@value #BATCH}: reports of temperature, humidity and carbon
 *     dioxide, evenly over the round
 */
record Traffic(int devices, int perDevice) {
    static final int BATCH = 100;
    static final int DEVICES_OF_GATEWAY = 200;
    /** Readings beyond those of the devices. */
    static final int MARKERS = 2;

    private static final String PROFILE = "senml-room";
    private static final String EPOCH = "0123456789abcdef0123456789abcdef";
    private static final String[] METRICS = {"temperature", "humidity", "co2"};
    private static final double[] CALM = {21, 48, 520};
    /** Steps of a usual sensor to a unit: 0.1 degrees, 0.1 %, 1 ppm. What it cannot tell apart it does not send. */
    private static final double[] STEPS = {10, 10, 1};

    /** From a report to its receipt by the gateway. */
    private static final int MAX_DELAY_MS = 60;

    /** Long ago, so that the store takes the readings for old ones. */
    private static final long BASE_MS = 1_760_000_000_000L;

    private static final long ROUND_MS = 10_000;
    private static final double ALARM_CELSIUS = 90;
    /** Beyond all gateways with devices. */
    private static final int MARKER = Integer.MAX_VALUE;

    /** Rounds that hold at least so many readings; one at the least. */
    int rounds(long readings) {
        long ofRound = (long) devices * perDevice;
        return Math.toIntExact(Math.max(1, (readings + ofRound - 1) / ofRound));
    }

    long readings(int rounds) {
        return (long) rounds * devices * perDevice;
    }

    /**
     * Writes desired state, {@code warmUp} rounds, an alarm, {@code measured} rounds and a second alarm. Nothing else
     * raises any, so the alarms tell when everything before them has been judged.
     */
    void write(Path file, int warmUp, int measured) throws IOException {
        try (DataOutputStream out =
                new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file), 1 << 20))) {
            for (int gateway = 0; gateway < gateways(); gateway++) {
                put(out, true, gateway, DesiredJson.write(state(gateway)));
            }
            Random random = new Random(1);
            long[] sequence = new long[gateways()];
            for (int round = 0; round < warmUp + measured; round++) {
                if (round == warmUp) {
                    marker(out, 0);
                }
                round(out, round, sequence, random);
            }
            marker(out, 1);
        }
    }

    private void round(DataOutputStream out, int round, long[] sequence, Random random) throws IOException {
        int ofBatch = Math.max(1, BATCH / perDevice);
        for (int first = 0; first < DEVICES_OF_GATEWAY; first += ofBatch) {
            for (int gateway = 0; gateway < gateways(); gateway++) {
                List<DeviceReadings> groups = new ArrayList<>();
                int last = Math.min(first + ofBatch, devicesOf(gateway));
                for (int device = first; device < last; device++) {
                    groups.add(readings(gateway, device, round, sequence[gateway], random));
                    sequence[gateway] += perDevice;
                }
                if (!groups.isEmpty()) {
                    put(out, false, gateway, batch(groups));
                }
            }
        }
    }

    private DeviceReadings readings(int gateway, int device, int round, long sequence, Random random) {
        String id = device(gateway, device);
        long atMs = BASE_MS + round * ROUND_MS;
        int reports = (perDevice + METRICS.length - 1) / METRICS.length;
        List<Reading> readings = new ArrayList<>(perDevice);
        long observedMs = atMs;
        long receivedMs = atMs;
        for (int i = 0; i < perDevice; i++) {
            int metric = i % METRICS.length;
            double measured = CALM[metric] * (1 + 0.002 * random.nextGaussian());
            double value = Math.rint(measured * STEPS[metric]) / STEPS[metric];
            if (metric == 0) {
                observedMs = atMs + i / METRICS.length * ROUND_MS / reports;
                receivedMs = observedMs + random.nextInt(MAX_DELAY_MS);
            }
            readings.add(new Reading(id, METRICS[metric], value, observedMs, receivedMs, Quality.GOOD));
        }
        return DeviceReadings.of(id, PROFILE, false, sequence, readings);
    }

    private static void marker(DataOutputStream out, int number) throws IOException {
        Reading hot = new Reading("marker-" + number, METRICS[0], ALARM_CELSIUS, BASE_MS, BASE_MS, Quality.GOOD);
        put(out, false, MARKER, batch(List.of(DeviceReadings.of(hot.device(), PROFILE, false, number, List.of(hot)))));
    }

    private GatewayState state(int gateway) {
        List<GatewayState.EnrolledDevice> enrolled = new ArrayList<>();
        for (int device = 0; device < devicesOf(gateway); device++) {
            String id = device(gateway, device);
            enrolled.add(new GatewayState.EnrolledDevice(id, PROFILE, id, place("Room " + device)));
        }
        return new GatewayState(
                1, RecordedSource.gateway(gateway), "", place("Hall"), GatewayState.Enrolment.OPEN, enrolled);
    }

    private static Place place(String name) {
        return new Place(new String[] {"district", "town", "grid-7"}, name, 31.2, 121.5);
    }

    private static String device(int gateway, int device) {
        return "room-" + gateway + "-" + device;
    }

    private int devicesOf(int gateway) {
        return Math.min(DEVICES_OF_GATEWAY, devices - gateway * DEVICES_OF_GATEWAY);
    }

    private int gateways() {
        return (devices + DEVICES_OF_GATEWAY - 1) / DEVICES_OF_GATEWAY;
    }

    private static byte[] batch(List<DeviceReadings> groups) {
        return UplinkCodec.encodeBatch(EPOCH, List.of(), List.of(UplinkCodec.encodeBlock(groups)));
    }

    private static void put(DataOutputStream out, boolean state, int gateway, byte[] payload) throws IOException {
        out.writeBoolean(state);
        out.writeInt(gateway);
        out.writeInt(payload.length);
        out.write(payload);
    }
}
