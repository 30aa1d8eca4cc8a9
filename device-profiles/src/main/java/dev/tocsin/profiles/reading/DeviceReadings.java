package dev.tocsin.profiles.reading;

import java.util.ArrayList;
import java.util.List;

/**
 * Readings of one device that follow each other, in columns: the unit that travels through the stream, because one
 * element a device and batch costs a third of one a reading. Reading {@code i} has the sequence
 * {@code firstSequence + i} in its epoch. All columns have one length; the arrays belong to this record and are never
 * written after construction.
 *
 * @param profile id of the device's profile as the agent knows it
 * @param replayed whether a recording was played, so that alerts it raises are drills
 * @param metricNames the names that {@code metric} refers to
 * @param metric index into {@code metricNames}
 * @param quality {@link Quality#code()} of each
 */
public record DeviceReadings(
        String device,
        String profile,
        boolean replayed,
        long firstSequence,
        String[] metricNames,
        int[] metric,
        double[] value,
        long[] observedAtMs,
        long[] receivedAtMs,
        byte[] quality) {

    public DeviceReadings {
        int count = metric.length;
        if (value.length != count
                || observedAtMs.length != count
                || receivedAtMs.length != count
                || quality.length != count) {
            throw new IllegalArgumentException(device + ": columns of different length");
        }
        for (int index : metric) {
            if (index < 0 || index >= metricNames.length) {
                throw new IllegalArgumentException(device + ": metric index " + index + " outside of the table");
            }
        }
    }

    public int count() {
        return metric.length;
    }

    public long lastSequence() {
        return firstSequence + count() - 1;
    }

    public String metricAt(int i) {
        return metricNames[metric[i]];
    }

    public Reading at(int i) {
        return new Reading(device, metricAt(i), value[i], observedAtMs[i], receivedAtMs[i], Quality.of(quality[i]));
    }

    public List<Reading> toList() {
        List<Reading> readings = new ArrayList<>(count());
        for (int i = 0; i < count(); i++) {
            readings.add(at(i));
        }
        return readings;
    }

    /** The part from index {@code from} (inclusive) to {@code to} (exclusive), with its own sequences. */
    public DeviceReadings slice(int from, int to) {
        if (from == 0 && to == count()) {
            return this;
        }
        return new DeviceReadings(
                device,
                profile,
                replayed,
                firstSequence + from,
                metricNames,
                java.util.Arrays.copyOfRange(metric, from, to),
                java.util.Arrays.copyOfRange(value, from, to),
                java.util.Arrays.copyOfRange(observedAtMs, from, to),
                java.util.Arrays.copyOfRange(receivedAtMs, from, to),
                java.util.Arrays.copyOfRange(quality, from, to));
    }

    /**
     * Columns from readings of one device.
     *
     * @param readings at least one, all of {@code device}
     */
    public static DeviceReadings of(
            String device, String profile, boolean replayed, long firstSequence, List<Reading> readings) {
        int count = readings.size();
        List<String> names = new ArrayList<>();
        int[] metric = new int[count];
        double[] value = new double[count];
        long[] observed = new long[count];
        long[] received = new long[count];
        byte[] quality = new byte[count];
        for (int i = 0; i < count; i++) {
            Reading reading = readings.get(i);
            if (!reading.device().equals(device)) {
                throw new IllegalArgumentException("a reading of " + reading.device() + " among those of " + device);
            }
            int index = names.indexOf(reading.metric());
            if (index < 0) {
                index = names.size();
                names.add(reading.metric());
            }
            metric[i] = index;
            value[i] = reading.value();
            observed[i] = reading.observedAtMs();
            received[i] = reading.receivedAtMs();
            quality[i] = reading.quality().code();
        }
        return new DeviceReadings(
                device,
                profile,
                replayed,
                firstSequence,
                names.toArray(new String[0]),
                metric,
                value,
                observed,
                received,
                quality);
    }
}
