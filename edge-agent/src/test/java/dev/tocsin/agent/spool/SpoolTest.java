package dev.tocsin.agent.spool;

import static dev.tocsin.agent.spool.Steps.commit;
import static dev.tocsin.agent.spool.Steps.store;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.tocsin.agent.link.FieldLink;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Sequences;
import dev.tocsin.profiles.wire.Sequences.Range;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {
    private static final SpoolLimits WIDE = Spools.limits(1 << 30, 10_000, 1_000);
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    private volatile FieldLink.State link = new FieldLink.State(1, Long.MAX_VALUE, 0);

    private Spool open(SpoolLimits limits) {
        Spool spool =
                Spools.of(folder.resolve("spool.db"), limits, Clock.systemUTC(), Spools.monotonicMs(), way -> link);
        spool.start(commit -> {}, () -> {});
        return spool;
    }

    private static Via mqtt(int connection) {
        return new Via("MQTT", connection);
    }

    private SpoolReader reader() {
        return new SpoolReader(folder.resolve("spool.db"), () -> 0, () -> {});
    }

    @Test
    void sequencesGoOnAfterARestartThoughEverythingWasDelivered() throws Exception {
        String epoch;
        try (Spool spool = open(WIDE)) {
            epoch = spool.epoch();
            store(spool, "a", 0, 5);
            spool.free(List.of(new Range(1, 5)), List.of(), List.of());
            spool.tidy();
            await().until(() -> spool.status().blocks() == 0);
        }
        try (Spool spool = open(WIDE);
                SpoolReader reader = reader()) {
            assertThat(spool.epoch()).isEqualTo(epoch).hasSize(32);
            store(spool, "a", 5, 7);
            assertThat(reader.blocks(0, spool.lastSequence(), 1_000_000))
                    .extracting(SpoolReader.Row::first, SpoolReader.Row::last)
                    .containsExactly(org.assertj.core.groups.Tuple.tuple(6L, 7L));
        }
    }

    @Test
    void aSecondAgentOnTheSameFolderIsRefused() {
        try (Spool spool = open(WIDE)) {
            assertThatThrownBy(() -> open(WIDE))
                    .isInstanceOf(SpoolException.class)
                    .hasMessageContaining("belongs to another agent");
        }
    }

    @Test
    void whatTheBrokerConfirmsDuringACommitLeavesWithALaterOne() throws Exception {
        List<Long> many = LongStream.rangeClosed(1, 2_000).boxed().toList();
        CountDownLatch committing = new CountDownLatch(1);
        CountDownLatch confirmed = new CountDownLatch(1);
        try (Spool spool = open(WIDE)) {
            Thread uplink = new Thread(() -> {
                for (long i = 0; committing.getCount() > 0 || i < 1_000; i++) {
                    if (committing.getCount() == 0) {
                        spool.free(List.of(), List.of(i), List.of());
                    }
                    LockSupport.parkNanos(1_000);
                }
                confirmed.countDown();
            });
            uplink.start();
            commit(spool, draft -> {
                spool.free(List.of(), many, List.of());
                draft.message(Lane.ALERT, new byte[100]);
                committing.countDown();
            });
            assertThat(confirmed.await(20, TimeUnit.SECONDS)).isTrue();
            spool.tidy();
            await().until(() -> spool.status().alerts() == 0);
        }
    }

    @Test
    void beyondItsBytesTheOldestReadingsGoFirstAndTheirRangeIsReportedUntilConfirmed() throws Exception {
        SpoolLimits small = Spools.limits(64 * 1024, 10_000, 1_000);
        try (Spool spool = open(small);
                SpoolReader reader = reader()) {
            commit(spool, draft -> draft.message(Lane.ALERT, new byte[100]));
            for (int i = 0; i < 60; i++) {
                store(spool, "device-" + i, i * 100, i * 100 + 100);
            }
            assertThat(spool.status().bytes()).isLessThanOrEqualTo(small.maxBytes());
            assertThat(spool.status().evicted().readings()).isPositive();
            assertThat(spool.status().alerts()).isEqualTo(1);
            List<Range> evicted = reader.evicted();
            assertThat(evicted)
                    .containsExactly(new Range(1, spool.status().evicted().readings()));
            assertThat(reader.blocks(0, spool.lastSequence(), 1 << 30).get(0).first())
                    .isEqualTo(evicted.get(0).last() + 1);

            spool.free(List.of(), List.of(), List.of(new Range(1, 1)));
            store(spool, "x", 0, 1);
            assertThat(reader.evicted()).isNotEmpty();
            spool.free(List.of(), List.of(), reader.evicted());
            commit(spool, draft -> draft.keep("k", "k", new byte[1]));
            assertThat(reader.evicted()).isEmpty();
        }
    }

    @Test
    void alertsLeaveOnlyWhenNothingElseIsLeft() throws Exception {
        SpoolLimits small = Spools.limits(64 * 1024, 10_000, 1_000);
        try (Spool spool = open(small)) {
            store(spool, "a", 0, 100);
            for (int i = 0; i < 20; i++) {
                commit(spool, draft -> draft.message(Lane.REJECTED, new byte[2_000]));
            }
            assertThat(spool.status().others()).isLessThanOrEqualTo(8);
            for (int i = 0; i < 40; i++) {
                commit(spool, draft -> draft.message(Lane.ALERT, new byte[2_000]));
            }
            assertThat(spool.status().others()).isZero();
            assertThat(spool.status().blocks()).isZero();
            assertThat(spool.status().alerts()).isBetween(30L, 33L);
            assertThat(spool.status().bytes()).isLessThanOrEqualTo(small.maxBytes());
        }
    }

    @Test
    void aRecordingOfTwentyThousandReadingsPlayedTwiceIsStoredOnce() throws Exception {
        try (Spool spool = open(WIDE)) {
            for (int again = 0; again < 2; again++) {
                for (int i = 0; i < 20_000; i += 1_000) {
                    store(spool, "a", i, i + 1_000);
                }
            }
            assertThat(spool.lastSequence()).isEqualTo(20_000);
        }
        try (Spool spool = open(WIDE)) {
            store(spool, "a", 15_000, 16_000);
            assertThat(spool.lastSequence()).isEqualTo(20_000);
        }
    }

    @Test
    void aMessageWhoseAcknowledgementGotLostInACrashIsKnownAgainOnceForEachTimeItWasStored() throws Exception {
        try (Spool spool = open(WIDE)) {
            commit(spool, draft -> draft.remember(77, mqtt(1)));
            commit(spool, draft -> draft.remember(77, mqtt(1)));
        }
        try (Spool spool = open(WIDE)) {
            List<Boolean> again = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                commit(spool, draft -> again.add(draft.isRedelivery(77, mqtt(1))));
            }
            assertThat(again).containsExactly(true, true, false);
        }
    }

    @Test
    void onTheSameConnectionTwoEqualMessagesAreTwo() throws Exception {
        try (Spool spool = open(WIDE)) {
            List<Boolean> again = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                commit(spool, draft -> {
                    again.add(draft.isRedelivery(5, mqtt(1)));
                    draft.remember(5, mqtt(1));
                });
            }
            commit(spool, draft -> again.add(draft.isRedelivery(5, mqtt(2))));
            assertThat(again).containsExactly(false, false, true);
        }
    }

    @Test
    void whatCannotBeJudgedIsRejectedAndTheRestIsKept() throws Exception {
        try (Spool spool = open(WIDE)) {
            assertThatThrownBy(() -> commit(spool, draft -> {
                        throw new IllegalStateException("poison");
                    }))
                    .hasRootCauseMessage("poison");
            store(spool, "a", 0, 3);
            assertThat(spool.status().others()).isEqualTo(1);
            assertThat(spool.lastSequence()).isEqualTo(3);
        }
    }

    @Test
    void aFullQueueMakesTheSenderWaitAndThenRefusesIt() throws Exception {
        try (Spool spool = open(Spools.limits(1 << 30, 2, 1))) {
            CountDownLatch gate = new CountDownLatch(1);
            CountDownLatch entered = new CountDownLatch(1);
            Steps blocking = new Steps(draft -> {
                entered.countDown();
                awaitQuietly(gate);
            });
            assertThat(spool.submit(blocking, PATIENCE)).isTrue();
            entered.await();
            CountDownLatch three = new CountDownLatch(3);
            Steps next = new Steps(draft -> three.countDown());
            assertThat(spool.submit(next, Duration.ZERO)).isTrue();
            assertThat(spool.submit(next, Duration.ZERO)).isTrue();
            assertThat(spool.accepting()).isFalse();
            assertThat(spool.submit(next, Duration.ofMillis(10))).isFalse();
            gate.countDown();
            assertThat(spool.submit(next, PATIENCE)).isTrue();
            assertThat(three.await(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    /** Runs too short for a pack stayed a row a reading for the whole outage, six times the disk. */
    @Test
    void whatStandsBetweenAlarmsIsPackedHoweverLittleItIs() throws Exception {
        AtomicLong nowMs = new AtomicLong(1_000_000);
        try (Spool spool = Spools.of(folder.resolve("spool.db"), WIDE, Clock.systemUTC(), nowMs::get, way -> link);
                SpoolReader reader = reader()) {
            spool.start(commit -> {}, () -> {});
            for (int i = 0; i < 220; i++) {
                int value = i;
                boolean alarm = i % 11 == 10;
                commit(spool, draft -> {
                    draft.readings(
                            "a",
                            "p",
                            false,
                            List.of(new Reading("a", "temperature", value, value, value, Quality.GOOD)));
                    if (alarm) {
                        draft.alarm();
                    }
                });
            }
            assertThat(spool.status().blocks()).isEqualTo(220);
            nowMs.addAndGet(60_000);
            // One a commit: a run, or the alarm behind it.
            for (int i = 0; i < 40; i++) {
                commit(spool, draft -> draft.keep("k", "k", new byte[1]));
            }

            assertThat(spool.status().blocks()).isLessThan(64);
            assertThat(reader.blocks(0, 1_000, 1 << 20).stream()
                            .mapToLong(row -> row.last() - row.first() + 1)
                            .sum())
                    .isEqualTo(220);
            assertThat(reader.blocks(0, 1_000, 1 << 20))
                    .filteredOn(row -> row.first() == 11 || row.first() == 22)
                    .allSatisfy(alarm -> assertThat(alarm.last()).isEqualTo(alarm.first()));
        }
    }

    @Test
    void aRowThatWasPackedAcrossWhatIsOnItsWayIsStillReadAndLeavesWhenAllOfItIsConfirmed() throws Exception {
        AtomicLong nowMs = new AtomicLong(1_000_000);
        Clock clock = Spools.clock(() -> Instant.ofEpochMilli(nowMs.get()));
        try (Spool spool = Spools.of(folder.resolve("spool.db"), WIDE, clock, nowMs::get, way -> link);
                SpoolReader reader = reader()) {
            spool.start(commit -> {}, () -> {});
            for (int i = 0; i < 100; i++) {
                store(spool, "a", i, i + 1);
            }
            nowMs.addAndGet(60_000);
            commit(spool, draft -> draft.keep("k", "k", new byte[1]));
            assertThat(spool.status().blocks()).isEqualTo(1);

            assertThat(reader.blocks(40, 100, 1 << 20))
                    .extracting(SpoolReader.Row::first, SpoolReader.Row::last)
                    .containsExactly(org.assertj.core.groups.Tuple.tuple(1L, 100L));
            assertThat(reader.blocks(100, 100, 1 << 20)).isEmpty();

            spool.free(List.of(new Range(1, 40)), List.of(), List.of());
            commit(spool, draft -> draft.keep("k", "k", new byte[1]));
            assertThat(spool.status().blocks()).isEqualTo(1);
            spool.free(List.of(new Range(41, 100)), List.of(), List.of());
            commit(spool, draft -> draft.keep("k", "k", new byte[1]));
            assertThat(spool.status().blocks()).isZero();
        }
    }

    @Test
    void aMessageThatComesAgainBeforeItsFirstCommitMeetsItCommitted() throws Exception {
        try (Spool spool = open(WIDE)) {
            CountDownLatch gate = new CountDownLatch(1);
            List<Boolean> again = new ArrayList<>();
            spool.submit(new Steps(draft -> awaitQuietly(gate)), PATIENCE);
            CountDownLatch both = new CountDownLatch(2);
            for (int number = 1; number <= 2; number++) {
                spool.submit(new Message(5, mqtt(number), again, both), PATIENCE);
            }
            gate.countDown();
            assertThat(both.await(20, TimeUnit.SECONDS)).isTrue();
            assertThat(again).containsExactly(false, true);
        }
    }

    private record Message(long hash, Via via, List<Boolean> again, CountDownLatch done) implements Work {
        @Override
        public int weight() {
            return 1;
        }

        @Override
        public void into(Draft draft) {
            boolean known = draft.isRedelivery(hash, via);
            again.add(known);
            if (!known) {
                draft.remember(hash, via);
            }
        }

        @Override
        public void indigestible(Draft draft, RuntimeException cause) {
            throw cause;
        }

        @Override
        public void kept() {
            done.countDown();
        }
    }

    private static void awaitQuietly(CountDownLatch gate) {
        try {
            gate.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aSpoolOfTheFirstVersionStillKnowsWhatMayComeAgain() throws Exception {
        try (Spool spool = open(WIDE)) {
            commit(spool, draft -> draft.remember(77, mqtt(1)));
            commit(spool, draft -> draft.remember(78, Via.COAP));
        }
        try (var connection = SpoolSchema.open(folder.resolve("spool.db"));
                var statement = connection.createStatement()) {
            statement.executeUpdate("ALTER TABLE unacked ADD COLUMN origin INTEGER");
            statement.executeUpdate("UPDATE unacked SET origin = way = 'MQTT'");
            statement.executeUpdate("ALTER TABLE unacked DROP COLUMN way");
            statement.executeUpdate("DROP INDEX block_of_alarm");
            for (String column : List.of("since", "until", "alarm")) {
                statement.executeUpdate("ALTER TABLE block DROP COLUMN " + column);
            }
            statement.executeUpdate("ALTER TABLE message DROP COLUMN at");
            statement.executeUpdate("PRAGMA user_version = 0");
        }
        try (Spool spool = open(WIDE)) {
            List<Boolean> again = new ArrayList<>();
            commit(spool, draft -> again.add(draft.isRedelivery(77, mqtt(1))));
            commit(spool, draft -> again.add(draft.isRedelivery(78, Via.COAP)));
            assertThat(again).containsExactly(true, true);
        }
    }

    @Test
    void messagesOfSeveralBrokersShareACommitAndEachIsToldOfItsOwn() throws Exception {
        Via hall = new Via("MQTT@hall", 7);
        List<Spool.Commit> commits = new ArrayList<>();
        try (Spool spool = Spools.of(folder.resolve("spool.db"), WIDE)) {
            spool.start(commits::add, () -> {});
            CountDownLatch gate = new CountDownLatch(1);
            CountDownLatch done = new CountDownLatch(3);
            spool.submit(new Steps(draft -> awaitQuietly(gate)), PATIENCE);
            List<Boolean> again = new ArrayList<>();
            spool.submit(new Message(1, mqtt(3), again, done), PATIENCE);
            spool.submit(new Message(2, hall, again, done), PATIENCE);
            spool.submit(new Message(3, mqtt(3), again, done), PATIENCE);
            gate.countDown();
            assertThat(done.await(20, TimeUnit.SECONDS)).isTrue();
            await().untilAsserted(() -> assertThat(commits).hasSize(1));
            assertThat(spool.acknowledgedUpTo("MQTT")).isEqualTo(1);
            assertThat(spool.acknowledgedUpTo(hall.way())).isEqualTo(1);
            assertThat(spool.acknowledgedUpTo("MQTT@yard")).isZero();
        }
    }

    @Test
    void theFileSaysWhichCommitWasItsLastSoThatAnErrorAfterItIsNoReasonToCommitTwice() throws Exception {
        try (Spool spool = open(WIDE)) {
            store(spool, "a", 0, 5);
            commit(spool, draft -> draft.message(Lane.ALERT, new byte[1]));
        }
        try (SpoolFile file = new SpoolFile(folder.resolve("spool.db"), WIDE, new Sequences(), null)) {
            assertThat(file.state().commit()).isEqualTo(2);
            assertThat(file.nextSequence()).isEqualTo(6);
        }
    }

    @Test
    void aRowThatTheDiskDamagedIsReportedAsEvictedAndHoldsNothingUp() throws Exception {
        byte[] packed = PackedBlocks.pack(List.of(new byte[1_000], new byte[] {1, 2, 3}));
        for (byte[] damaged :
                List.of(java.util.Arrays.copyOf(packed, packed.length / 2), new byte[] {1, 2, 3}, new byte[0])) {
            assertThatThrownBy(() -> PackedBlocks.unpack(damaged)).isInstanceOf(java.io.IOException.class);
        }
        try (Spool spool = open(WIDE)) {
            for (int i = 0; i < 3; i++) {
                store(spool, "a", i * 10, i * 10 + 10);
            }
        }
        try (var connection = SpoolSchema.open(folder.resolve("spool.db"));
                var statement = connection.createStatement()) {
            statement.executeUpdate("UPDATE block SET packed = 1, body = x'0102' WHERE first = 11");
        }
        try (Spool spool = open(WIDE);
                SpoolReader reader = reader()) {
            assertThat(reader.blocks(0, 30, 1 << 20))
                    .extracting(SpoolReader.Row::first)
                    .containsExactly(1L);
            assertThat(reader.blocks(10, 30, 1 << 20))
                    .singleElement()
                    .satisfies(row -> assertThat(row.bodies()).isEmpty());
            spool.giveUp(new Range(11, 20));
            commit(spool, draft -> draft.keep("k", "k", new byte[1]));
            assertThat(reader.evicted()).containsExactly(new Range(11, 20));
            assertThat(reader.blocks(10, 30, 1 << 20))
                    .extracting(SpoolReader.Row::first)
                    .containsExactly(21L);
        }
    }

    @Test
    void packedBlocksComeBackAsTheyWere() throws Exception {
        List<byte[]> blocks = List.of(new byte[] {1, 2}, new byte[0], new byte[] {3});
        assertThat(PackedBlocks.unpack(PackedBlocks.pack(blocks)))
                .usingElementComparator(java.util.Arrays::compare)
                .containsExactlyElementsOf(blocks);
    }
}
