package dev.tocsin.agent.observe;

import dev.tocsin.agent.judge.EdgeJudge;
import dev.tocsin.agent.spool.Draft;
import dev.tocsin.agent.spool.Spool;
import dev.tocsin.agent.spool.Work;
import dev.tocsin.profiles.desired.Pulse;
import dev.tocsin.profiles.reading.Quality;
import dev.tocsin.profiles.reading.Reading;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Drives what happens by time: the pulse, the judge's delays, and the tidying of the spool. */
public final class Heartbeat implements AutoCloseable {
    static final long PULSE_MS = 5_000;
    private static final long TICK_MS = 200;
    private static final long TIDY_MS = 1_000;

    private final String gateway;
    private final Spool spool;
    private final EdgeJudge judge;
    private final Clock clock;
    private final ScheduledExecutorService timer =
            Executors.newSingleThreadScheduledExecutor(runnable -> new Thread(runnable, "heartbeat"));
    /** One that still waits for its commit is not followed by another: that bounds what finds a place in a full queue. */
    private final AtomicBoolean pulsing = new AtomicBoolean();

    private final AtomicBoolean ticking = new AtomicBoolean();

    private long pulses;

    public Heartbeat(String gateway, Spool spool, EdgeJudge judge, Clock clock) {
        this.gateway = gateway;
        this.spool = spool;
        this.judge = judge;
        this.clock = clock;
    }

    public void start() {
        timer.scheduleAtFixedRate(new Chore(this::pulse), 0, PULSE_MS, TimeUnit.MILLISECONDS);
        timer.scheduleAtFixedRate(new Chore(this::tick), TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
        timer.scheduleAtFixedRate(new Chore(spool::tidy), TIDY_MS, TIDY_MS, TimeUnit.MILLISECONDS);
    }

    private void pulse() {
        long number = ++pulses;
        once(pulsing, draft -> {
            long now = clock.millis();
            Reading pulse = new Reading(gateway, Pulse.METRIC, number, now, now, Quality.GOOD);
            draft.readings(gateway, Pulse.PROFILE, false, List.of(pulse));
            draft.flush();
        });
    }

    private void tick() {
        once(ticking, judge::tick);
    }

    private void once(AtomicBoolean waiting, Step step) {
        if (waiting.compareAndSet(false, true)) {
            boolean queued = spool.submit(
                    new Timed(draft -> {
                        waiting.set(false);
                        step.into(draft);
                    }),
                    Duration.ZERO);
            if (!queued) {
                waiting.set(false);
            }
        }
    }

    private interface Step {
        void into(Draft draft);
    }

    private record Timed(Step step) implements Work {
        @Override
        public int weight() {
            return 0;
        }

        @Override
        public void into(Draft draft) {
            step.into(draft);
        }

        @Override
        public void indigestible(Draft draft, RuntimeException cause) {
            // Nothing came in, so there is nothing to reject; the spool has logged the cause.
        }

        @Override
        public void kept() {
            // Nobody waits for it.
        }
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
