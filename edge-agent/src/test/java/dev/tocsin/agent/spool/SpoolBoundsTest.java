package dev.tocsin.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes first when there is no room, and what is too old by which clock. */
class SpoolBoundsTest {
    private static final long WIDE = 1 << 30;

    @TempDir
    Path folder;

    private final AtomicLong monotonicMs = new AtomicLong(1_000_000);
    private final AtomicReference<Instant> wall = new AtomicReference<>(Instant.parse("2026-11-26T10:00:00Z"));

    private final Clock clock = Spools.clock(() -> wall.get());

    private Spool open(SpoolLimits limits) {
        Spool spool = Spools.of(folder.resolve("spool.db"), limits, clock, monotonicMs::get, way -> null);
        spool.start(commit -> {}, () -> {});
        return spool;
    }

    private static SpoolLimits aged(int readingsHours, int alertsHours, int othersHours) {
        return new SpoolLimits(
                WIDE,
                new LaneLimit(WIDE, Duration.ofHours(readingsHours)),
                new LaneLimit(WIDE, Duration.ofHours(alertsHours)),
                new LaneLimit(WIDE, Duration.ofHours(othersHours)),
                10_000,
                1_000,
                Duration.ZERO);
    }

    /** Readings that raised an alarm. */
    private static void alarm(Spool spool, String device) throws InterruptedException {
        Steps.commit(spool, draft -> {
            draft.alarm();
            draft.readings(device, "p", false, List.of(new Reading(device, "smoke", 1, 5, 5, Quality.GOOD)));
        });
    }

    private static Sequences readable(Spool spool) {
        Sequences readable = new Sequences();
        try (SpoolReader reader = spool.reader()) {
            reader.blocks(0, Sequences.LAST, Integer.MAX_VALUE).forEach(row -> readable.add(row.first(), row.last()));
        }
        return readable;
    }

    @Test
    void telemetryGoesBeforeReadingsThatRaisedAnAlarmAndTheseBeforeAlerts() throws Exception {
        try (Spool spool = open(Spools.limits(64 * 1024, 10_000, 1_000))) {
            alarm(spool, "smoke-1");
            Steps.commit(spool, draft -> draft.message(Lane.ALERT, new byte[1_000]));
            for (int i = 0; i < 200; i++) {
                Steps.store(spool, "device-" + i, i * 100, i * 100 + 100);
            }
            assertThat(spool.status().bytes()).isLessThanOrEqualTo(64 * 1024);
            assertThat(spool.status().evicted().readings()).isPositive();
            assertThat(readable(spool).contains(1))
                    .as("the reading that raised the alarm")
                    .isTrue();
            assertThat(spool.status().alerts()).isEqualTo(1);
            try (SpoolReader reader = spool.reader()) {
                List<Range> evicted = reader.evicted();
                assertThat(evicted)
                        .containsExactly(
                                new Range(2, 1 + spool.status().evicted().readings()));
            }
            for (int i = 0; i < 80; i++) {
                Steps.commit(spool, draft -> draft.message(Lane.ALERT, new byte[1_000]));
            }
            assertThat(readable(spool).size)
                    .as("everything else went before an alert did")
                    .isZero();
            assertThat(spool.status().alerts()).isGreaterThan(55);
        }
    }

    /** All at once it held up the thread that judges for minutes, and did not fit the log on a disk that was full. */
    @Test
    void boundsThatWereLoweredAreReachedByALittleInEachCommit() throws Exception {
        int many = 2 * Eviction.MAX_ROWS + 100;
        try (Spool spool = open(Spools.limits(1 << 24, 10_000, 1_000))) {
            Steps.commit(spool, draft -> {
                for (int i = 0; i < many; i++) {
                    draft.message(Lane.REJECTED, new byte[1_000]);
                }
            });
            assertThat(spool.status().others()).isEqualTo(many);
        }
        try (Spool spool = open(Spools.limits(64 * 1024, 10_000, 1_000))) {
            List<Long> left = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                Steps.commit(spool, draft -> draft.message(Lane.ALERT, new byte[1]));
                left.add(spool.status().others());
            }
            assertThat(left.get(0)).isBetween(many - Eviction.MAX_ROWS - 2L, many - Eviction.MAX_ROWS + 2L);
            assertThat(left.get(1)).isBetween(many - 2L * Eviction.MAX_ROWS - 4, many - 2L * Eviction.MAX_ROWS + 4);
            assertThat(left.get(2)).isLessThanOrEqualTo(15);
            assertThat(spool.status().bytes()).isLessThanOrEqualTo(64 * 1024);
            assertThat(spool.status().alerts()).isEqualTo(3);
        }
    }

    @Test
    void theSpanOfWhatWasGivenUpIsTold() throws Exception {
        try (Spool spool = open(Spools.limits(64 * 1024, 10_000, 1_000))) {
            Instant first = wall.get();
            for (int i = 0; i < 120; i++) {
                Steps.store(spool, "device-" + i, i * 100, i * 100 + 100);
                wall.set(wall.get().plusSeconds(1));
            }
            Loss lost = spool.status().evicting().lost();
            assertThat(lost.readings())
                    .isEqualTo(spool.status().evicted().readings())
                    .isPositive();
            assertThat(lost.fromMs()).isEqualTo(first.toEpochMilli());
            assertThat(lost.toMs()).isEqualTo(first.toEpochMilli() + (lost.readings() / 100 - 1) * 1_000);
        }
    }

    @Test
    void whatIsTooOldGoesLaneByLane() throws Exception {
        try (Spool spool = open(aged(1, 3, 2))) {
            Steps.store(spool, "a", 0, 10);
            alarm(spool, "smoke-1");
            Steps.commit(spool, draft -> draft.message(Lane.ALERT, new byte[10]));
            Steps.commit(spool, draft -> draft.message(Lane.REJECTED, new byte[10]));
            after(spool, Duration.ofMinutes(61));
            assertThat(readable(spool).ranges()).containsExactly(new Range(11, 11));
            assertThat(spool.status().others()).isEqualTo(1);
            after(spool, Duration.ofMinutes(60));
            assertThat(spool.status().others()).isZero();
            assertThat(spool.status().alerts()).isEqualTo(1);
            after(spool, Duration.ofMinutes(60));
            assertThat(readable(spool).size).isZero();
        }
    }

    private void after(Spool spool, Duration time) throws InterruptedException {
        monotonicMs.addAndGet(time.toMillis());
        wall.set(wall.get().plus(time));
        Steps.commit(spool, draft -> draft.keep("k", "k", new byte[1]));
    }

    @Test
    void noJumpOfTheClockMakesAnythingOldNorChangesAnIdentity() throws Exception {
        try (Spool spool = open(aged(1, 1, 1))) {
            Steps.store(spool, "a", 0, 10);
            for (Instant jump : List.of(
                    Instant.parse("2027-11-26T10:00:00Z"), Instant.parse("2026-11-25T10:00:00Z"), Instant.EPOCH)) {
                wall.set(jump);
                Steps.store(spool, jump.toString(), 0, 10);
            }
            assertThat(readable(spool).ranges()).containsExactly(new Range(1, 40));
            assertThat(spool.status().evicted()).isEqualTo(Loss.NONE);
        }
    }

    @Test
    void ageGoesOnOverARestartAndTheTimeBetweenDoesNotCount() throws Exception {
        try (Spool spool = open(aged(1, 1, 1))) {
            Steps.store(spool, "a", 0, 10);
            after(spool, Duration.ofMinutes(40));
        }
        // Another boot: the monotonic clock begins anew, and the wall clock was set.
        monotonicMs.set(0);
        wall.set(Instant.parse("2030-01-01T00:00:00Z"));
        try (Spool spool = open(aged(1, 1, 1))) {
            after(spool, Duration.ofMinutes(19));
            assertThat(readable(spool).ranges()).containsExactly(new Range(1, 10));
            after(spool, Duration.ofMinutes(2));
            assertThat(readable(spool).size).isZero();
        }
    }
}
