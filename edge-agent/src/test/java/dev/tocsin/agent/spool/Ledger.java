package dev.tocsin.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.reading.DeviceReadings;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Sequences;
import dev.tocsin.profiles.wire.Sequences.Range;
import dev.tocsin.profiles.wire.UplinkCodec;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** What {@link NumberedWrites} wrote, was told and gave away: by it a spool is looked at after the power failed. */
final class Ledger {
    /** The newest commit that was acknowledged. */
    int acknowledged;

    /** Nothing before the spool was open. */
    @Nullable
    String epoch;

    private final List<Gone> gone = new ArrayList<>();
    /** By their numbers, the commit with which they left. */
    private final Map<Integer, Integer> deliveredAlerts = new HashMap<>();

    /** Readings that left with a commit: delivered, or told to be evicted. */
    private record Gone(int commit, Range readings) {}

    void note(String line) {
        String[] parts = line.split(" ");
        if (parts[0].equals("epoch")) {
            epoch = parts[1];
            return;
        }
        int commit = Integer.parseInt(parts[1]);
        switch (parts[0]) {
            case "acknowledged" -> acknowledged = commit;
            case "alert" -> deliveredAlerts.put(Integer.parseInt(parts[2]), commit);
            default -> gone.add(new Gone(commit, new Range(Long.parseLong(parts[2]), Long.parseLong(parts[3]))));
        }
    }

    static long lastSequence(int commit) {
        return IntStream.rangeClosed(1, commit)
                .mapToLong(NumberedWrites::readings)
                .sum();
    }

    /** All of the commits up to the newest that is there, nothing of a later one, and nothing twice. */
    void assertHolds(Spool spool, int commit) throws UplinkCodec.BadBatchException {
        assertHolds(spool, commit, commit);
    }

    /** @param deliveredUpTo what left with later commits is there all the same */
    void assertHolds(Spool spool, int commit, int deliveredUpTo) throws UplinkCodec.BadBatchException {
        assertThat(spool.lastSequence()).isEqualTo(lastSequence(commit));
        try (SpoolReader reader = spool.reader()) {
            assertReadings(reader, commit, deliveredUpTo);
            assertAlerts(reader, commit, deliveredUpTo);
            assertRejected(reader, commit);
        }
        assertDocuments(spool, commit);
    }

    private void assertReadings(SpoolReader reader, int commit, int deliveredUpTo)
            throws UplinkCodec.BadBatchException {
        long last = lastSequence(commit);
        double[] values = new double[(int) last + 1];
        int next = 1;
        for (int number = 1; number <= commit; number++) {
            for (int i = 0; i < NumberedWrites.readings(number); i++) {
                values[next++] = NumberedWrites.value(number, i);
            }
        }
        Sequences there = new Sequences();
        for (SpoolReader.Row row : reader.blocks(0, Sequences.LAST, Integer.MAX_VALUE)) {
            for (DeviceReadings some : UplinkCodec.decodeBatch(UplinkCodec.encodeBatch("any", List.of(), row.bodies()))
                    .readings()) {
                assertThat(there.add(some.firstSequence(), some.lastSequence()))
                        .as("stored once")
                        .containsExactly(new Range(some.firstSequence(), some.lastSequence()));
                assertThat(some.lastSequence()).isLessThanOrEqualTo(last);
                for (int i = 0; i < some.count(); i++) {
                    assertThat(some.value()[i]).isEqualTo(values[(int) some.firstSequence() + i]);
                }
            }
        }
        Sequences left = new Sequences();
        gone.stream().filter(some -> some.commit() <= deliveredUpTo).forEach(some -> add(left, some.readings()));
        reader.evicted().forEach(range -> add(left, range));
        for (Range missing : there.missing(1, last)) {
            assertThat(left.missing(missing.first(), missing.last()))
                    .as("neither there nor delivered nor told to be evicted")
                    .isEmpty();
        }
        for (Range range : left.ranges()) {
            assertThat(there.missing(range.first(), range.last()))
                    .as("gone, and there again")
                    .containsExactly(range);
        }
    }

    private static void add(Sequences sequences, Range range) {
        sequences.add(range.first(), range.last());
    }

    private void assertAlerts(SpoolReader reader, int commit, int deliveredUpTo) {
        List<Integer> expected = IntStream.rangeClosed(1, commit)
                .filter(NumberedWrites::hasAlert)
                .filter(number -> deliveredAlerts.getOrDefault(number, Integer.MAX_VALUE) > deliveredUpTo)
                .boxed()
                .toList();
        assertThat(numbers(reader, Lane.ALERT)).isEqualTo(expected);
    }

    /** Of them the oldest are evicted. */
    private static void assertRejected(SpoolReader reader, int commit) {
        List<Integer> all = IntStream.rangeClosed(1, commit)
                .filter(NumberedWrites::hasRejected)
                .boxed()
                .toList();
        List<Integer> there = numbers(reader, Lane.REJECTED);
        assertThat(there).isEqualTo(all.subList(all.size() - there.size(), all.size()));
        assertThat(there.isEmpty()).isEqualTo(all.isEmpty());
    }

    private static List<Integer> numbers(SpoolReader reader, Lane lane) {
        return reader.messages(lane, 0, Integer.MAX_VALUE).stream()
                .map(message -> NumberedWrites.number(message.body()))
                .toList();
    }

    private static void assertDocuments(Spool spool, int commit) {
        Map<String, Integer> expected = new HashMap<>();
        for (int number = 1; number <= commit; number++) {
            if (NumberedWrites.deletesState(number)) {
                expected.remove(NumberedWrites.stateKey(number));
            } else {
                expected.put(NumberedWrites.stateKey(number), number);
            }
        }
        Map<String, Integer> there = new HashMap<>();
        spool.kept(NumberedWrites.STATE).forEach((key, body) -> there.put(key, NumberedWrites.number(body)));
        assertThat(there).isEqualTo(expected);
    }
}
