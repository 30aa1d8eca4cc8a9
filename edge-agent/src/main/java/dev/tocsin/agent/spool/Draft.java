package dev.tocsin.agent.spool;

import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.wire.Lane;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the next commit will hold; filled by {@link Work} on the writer thread. */
public final class Draft {
    private final RecentReadings recent;
    private final Redelivery redelivery;
    private final boolean passing;
    private final Map<Stream, List<Reading>> readings = new LinkedHashMap<>();
    private final Hashes readingHashes = new Hashes();
    private final Map<Via, Hashes> messageHashes = new LinkedHashMap<>(4);

    final List<Message> messages = new ArrayList<>();
    final List<Kept> kept = new ArrayList<>();
    int count;
    int redelivered;
    int resent;
    boolean flush;
    boolean alarm;

    Draft(RecentReadings recent, Redelivery redelivery) {
        this(recent, redelivery, false);
    }

    private Draft(RecentReadings recent, Redelivery redelivery, boolean passing) {
        this.recent = recent;
        this.redelivery = redelivery;
        this.passing = passing;
    }

    /** Of what comes again once the disk takes it: only what follows from it is taken. */
    static Draft passing(RecentReadings recent, Redelivery redelivery) {
        return new Draft(recent, redelivery, true);
    }

    /**
     * Whether this is a look in passing, at input that the disk does not take now and that its sender keeps: it is judged,
     * and alerts and documents are taken, but neither readings nor rejected input, which come again.
     */
    public boolean isPassing() {
        return passing;
    }

    private record Stream(String device, String profile, boolean replayed) {}

    /** A row of its own lane. */
    record Message(Lane lane, byte[] body) {}

    /** A document that outlives the process; no body deletes it. */
    record Kept(String kind, String key, byte @Nullable [] body) {}

    /** A growing list of longs. */
    static final class Hashes {
        private long[] values = new long[16];
        private int size;

        void add(long hash) {
            if (size == values.length) {
                values = Arrays.copyOf(values, size * 2);
            }
            values[size++] = hash;
        }

        long[] toArray() {
            return Arrays.copyOf(values, size);
        }
    }

    /**
     * Whether this very message needs no place in the spool: it was committed before and is only here because its
     * acknowledgement got lost, or its connection is over and it comes again by the next.
     */
    public boolean isRedelivery(long messageHash, Via via) {
        if (passing) {
            return redelivery.has(messageHash, via);
        }
        Redelivery.Fate fate = redelivery.judge(messageHash, via);
        if (fate == Redelivery.Fate.AGAIN) {
            redelivered++;
            remember(messageHash, via);
        }
        return fate != Redelivery.Fate.NEW;
    }

    /** Those readings that the device has not sent before: same metric, time and value. */
    public List<Reading> withoutResent(List<Reading> all) {
        List<Reading> fresh = new ArrayList<>(all.size());
        for (Reading reading : all) {
            // A reading that bears its receive time cannot be a re-send of an older one.
            if (reading.observedAtMs() == reading.receivedAtMs() || !recent.contains(reading.device(), hash(reading))) {
                fresh.add(reading);
            } else {
                resent++;
            }
        }
        return fresh;
    }

    public void readings(String device, String profile, boolean replayed, List<Reading> some) {
        if (some.isEmpty() || passing) {
            return;
        }
        readings.computeIfAbsent(new Stream(device, profile, replayed), s -> new ArrayList<>(some.size()))
                .addAll(some);
        count += some.size();
        for (Reading reading : some) {
            long hash = hash(reading);
            recent.add(device, hash);
            readingHashes.add(hash);
        }
    }

    /** Remembers a message until its acknowledgement must have arrived. */
    public void remember(long messageHash, Via via) {
        if (via.mayComeAgain() && !passing) {
            messageHashes.computeIfAbsent(via, v -> new Hashes()).add(messageHash);
        }
    }

    public void message(Lane lane, byte[] body) {
        if (passing && lane != Lane.ALERT) {
            return;
        }
        messages.add(new Message(lane, body));
        flush |= lane == Lane.ALERT;
    }

    /** Stores or replaces a document of the agent itself; no body deletes it. */
    public void keep(String kind, String key, byte @Nullable [] body) {
        kept.add(new Kept(kind, key, body));
    }

    /** Live goes out as soon as this is committed. */
    public void flush() {
        flush = true;
    }

    /** These readings raised or ended an alarm: they are given up only after all others. */
    public void alarm() {
        alarm = true;
    }

    /** What a look in passing led to, as if it had been put here. */
    void takeWhatFollows(Draft seen) {
        messages.addAll(seen.messages);
        kept.addAll(seen.kept);
        flush |= seen.flush;
    }

    /** They are not in here any more. */
    List<byte[]> takeAlerts() {
        List<byte[]> alerts = new ArrayList<>();
        messages.removeIf(message -> message.lane() == Lane.ALERT && alerts.add(message.body()));
        return alerts;
    }

    /** The readings as they are numbered from {@code firstSequence} on. */
    List<DeviceReadings> numbered(long firstSequence) {
        List<DeviceReadings> groups = new ArrayList<>(readings.size());
        long next = firstSequence;
        for (Map.Entry<Stream, List<Reading>> entry : readings.entrySet()) {
            Stream stream = entry.getKey();
            groups.add(DeviceReadings.of(stream.device(), stream.profile(), stream.replayed(), next, entry.getValue()));
            next += entry.getValue().size();
        }
        return groups;
    }

    long[] readingHashes() {
        return readingHashes.toArray();
    }

    Map<Via, long[]> messageHashes() {
        Map<Via, long[]> hashes = new LinkedHashMap<>(4);
        messageHashes.forEach((via, some) -> hashes.put(via, some.toArray()));
        return hashes;
    }

    boolean isEmpty() {
        return count == 0 && messages.isEmpty() && kept.isEmpty() && messageHashes.isEmpty();
    }

    private static long hash(Reading reading) {
        return Hash64.of(reading.device(), reading.metric(), reading.observedAtMs(), reading.value());
    }
}
