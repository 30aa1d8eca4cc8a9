package dev.tocsin.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Sequences.Range;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/**
 * A run of commits, each of whose parts tells its number: what is found afterwards says which commits are there, and
 * whether one is there by half. Delivers, as an uplink would. What a {@link Ledger} has to know is noted line by line.
 */
final class NumberedWrites implements AutoCloseable {
    /** So that within a hundred commits readings are packed and evicted. */
    static final SpoolLimits LIMITS = new SpoolLimits(
            1 << 20,
            new LaneLimit(9_000, Duration.ZERO),
            new LaneLimit(1 << 20, Duration.ZERO),
            new LaneLimit(4_000, Duration.ZERO),
            10_000,
            1_000,
            Duration.ZERO);

    static final String STATE = "state";
    private static final String COUNT = "count";
    private static final int STATES = 6;
    /** More than the memory of a transaction: a part of it is in the log before its end is known. */
    private static final int LARGE_COMMIT = 51;

    private static final int LARGE_BYTES = 1_200_000;
    /** For which others are evicted. */
    private static final int LONG_COMMIT = 105;

    private static final int LONG_READINGS = 900;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Five seconds pass with each commit. */
    private final AtomicLong nowMs = new AtomicLong();

    private final Consumer<String> notes;
    private final Spool spool;
    private final SpoolReader reader;

    NumberedWrites(Path file, Consumer<String> notes) {
        this.notes = notes;
        spool = Spools.of(file, LIMITS, Clock.systemUTC(), nowMs::get, way -> null);
        spool.start(commit -> {}, () -> {});
        reader = spool.reader();
        notes.accept("epoch " + spool.epoch());
    }

    static int readings(int commit) {
        return commit == LONG_COMMIT ? LONG_READINGS : commit % 13 == 0 ? 0 : 1 + commit * 7 % 5;
    }

    static double value(int commit, int index) {
        return commit * 1_000.0 + index;
    }

    static boolean hasAlert(int commit) {
        return commit % 3 == 0;
    }

    static boolean hasRejected(int commit) {
        return commit % 4 == 0;
    }

    static String stateKey(int commit) {
        return "rule-" + commit % STATES;
    }

    static boolean deletesState(int commit) {
        return commit % 10 == 0;
    }

    static int number(byte[] body) {
        return ByteBuffer.wrap(body).getInt();
    }

    private static byte[] body(int commit, int bytes) {
        return ByteBuffer.allocate(bytes).putInt(commit).array();
    }

    /**
     * The message of a commit, as its sender gives it.
     *
     * @param connection by which it comes; another one where it comes again
     */
    record Message(int number, int connection, Runnable whenKept, CountDownLatch done) implements Work {
        @Override
        public int weight() {
            return Math.max(1, readings(number));
        }

        @Override
        public Via via() {
            return number % 2 == 0 ? new Via("MQTT", connection) : Via.COAP;
        }

        @Override
        public void into(Draft draft) {
            long hash = Hash64.ofMessage("sensors/" + number % 5, body(number, 8));
            if (draft.isRedelivery(hash, via())) {
                return;
            }
            draft.remember(hash, via());
            String device = "device-" + number % 5;
            List<Reading> readings = new ArrayList<>();
            for (int i = 0; i < readings(number); i++) {
                long atMs = 1_000_000L + number * 1_000L + i;
                readings.add(new Reading(device, "temperature", value(number, i), atMs, atMs + 1, Quality.GOOD));
            }
            draft.readings(device, "p", false, draft.withoutResent(readings));
            if (number % 90 == 0) {
                draft.alarm();
            }
            if (hasAlert(number)) {
                draft.message(Lane.ALERT, body(number, 400));
            }
            if (hasRejected(number)) {
                draft.message(Lane.REJECTED, body(number, 300));
            }
            int bytes = number == LARGE_COMMIT ? LARGE_BYTES : 100;
            draft.keep(STATE, stateKey(number), deletesState(number) ? null : body(number, bytes));
            draft.keep(COUNT, "", body(number, 4));
        }

        @Override
        public void indigestible(Draft draft, RuntimeException cause) {
            throw cause;
        }

        @Override
        public void kept() {
            whenKept.run();
            done.countDown();
        }
    }

    /** The newest commit that is there, 0 for none. */
    static int count(Spool spool) {
        byte[] count = spool.kept(COUNT).get("");
        return count == null ? 0 : number(count);
    }

    /** By those that do not know that they were stored, over a connection of their own. */
    static void sendAgain(Spool spool, int from, int to) throws InterruptedException {
        CountDownLatch done = new CountDownLatch(to - from + 1);
        for (int number = from; number <= to; number++) {
            assertThat(spool.submit(new Message(number, 2, () -> {}, done), PATIENCE))
                    .isTrue();
        }
        assertThat(done.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    }

    /** @param whenKept runs at the very moment of the acknowledgement, while nothing else is written */
    void commit(int number, Runnable whenKept) throws InterruptedException {
        nowMs.addAndGet(5_000);
        deliver(number);
        CountDownLatch done = new CountDownLatch(1);
        assertThat(spool.submit(new Message(number, 1, whenKept, done), PATIENCE))
                .isTrue();
        assertThat(done.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        notes.accept("acknowledged " + number);
    }

    /** What the cloud has by now leaves with the next commit. */
    private void deliver(int nextCommit) {
        List<Range> blocks = new ArrayList<>();
        List<Long> alerts = new ArrayList<>();
        List<Range> told = nextCommit % 40 == 39 ? reader.evicted() : List.of();
        if (nextCommit % 10 == 4) {
            for (SpoolReader.Row row : reader.blocks(0, spool.lastSequence(), 1)) {
                blocks.add(new Range(row.first(), row.last()));
            }
        }
        if (nextCommit % 6 == 5) {
            for (SpoolReader.Message alert : reader.messages(Lane.ALERT, 0, 1)) {
                alerts.add(alert.id());
                notes.accept("alert " + nextCommit + " " + number(alert.body()));
            }
        }
        blocks.forEach(range -> note("delivered", nextCommit, range));
        told.forEach(range -> note("told", nextCommit, range));
        spool.free(blocks, alerts, told);
    }

    private void note(String what, int commit, Range range) {
        notes.accept(what + " " + commit + " " + range.first() + " " + range.last());
    }

    long evicted() {
        return spool.status().evicted().readings();
    }

    /** Whether some commits are one row by now. */
    boolean packed() {
        return reader.blocks(0, spool.lastSequence(), Integer.MAX_VALUE).stream()
                .anyMatch(row -> row.bodies().size() > 1);
    }

    @Override
    public void close() {
        reader.close();
        spool.close();
    }
}
