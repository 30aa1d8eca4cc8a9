package dev.tocsin.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.wire.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Work as tests submit it. */
record Steps(Consumer<Draft> step, CountDownLatch done) implements Work {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    static void commit(Spool spool, Consumer<Draft> into) throws InterruptedException {
        Steps steps = new Steps(into, new CountDownLatch(1));
        assertThat(spool.submit(steps, PATIENCE)).isTrue();
        assertThat(steps.done().await(30, TimeUnit.SECONDS)).isTrue();
    }

    /** Readings of the values {@code from} to {@code to - 1}, each of a time of its own. */
    static void store(Spool spool, String device, int from, int to) throws InterruptedException {
        List<Reading> readings = new ArrayList<>();
        for (int i = from; i < to; i++) {
            readings.add(new Reading(device, "temperature", i, 1_000_000L + i, 1_000_001L + i, Quality.GOOD));
        }
        commit(spool, draft -> draft.readings(device, "p", false, draft.withoutResent(readings)));
    }

    @Override
    public int weight() {
        return 1;
    }

    @Override
    public void into(Draft draft) {
        step.accept(draft);
    }

    @Override
    public void indigestible(Draft draft, RuntimeException cause) {
        draft.message(Lane.REJECTED, new byte[] {1});
    }

    @Override
    public void kept() {
        done.countDown();
    }
}
