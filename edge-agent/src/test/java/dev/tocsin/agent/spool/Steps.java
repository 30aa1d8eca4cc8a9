package dev.tocsin.agent.spool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import dev.tocsin.profiles.wire.Lane;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** Work as tests submit it: kept, or what its step threw. */
public record Steps(Consumer<Draft> step, CompletableFuture<Void> done) implements Work {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    public Steps(Consumer<Draft> step) {
        this(step, new CompletableFuture<>());
    }

    /** Returns when it is on disk; what the step throws comes out as the cause. */
    public static void commit(Spool spool, Consumer<Draft> into) {
        Steps steps = new Steps(into);
        assertThat(spool.submit(steps, PATIENCE)).isTrue();
        steps.done().orTimeout(30, TimeUnit.SECONDS).join();
    }

    /** Readings of the values {@code from} to {@code to - 1}, each of a time of its own. */
    static void store(Spool spool, String device, int from, int to) {
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
        done.completeExceptionally(cause);
    }

    @Override
    public void kept() {
        done.complete(null);
    }
}
