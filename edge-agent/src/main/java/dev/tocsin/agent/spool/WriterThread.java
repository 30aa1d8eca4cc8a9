package dev.tocsin.agent.spool;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;

/** Has something done on the spool's writer thread, where the judge lives, and waits until it is on disk. Safe for any thread. */
public final class WriterThread {
    private final Spool spool;
    private final Duration patience;

    /** @param patience for room in the queue, and as long again for the disk */
    public WriterThread(Spool spool, Duration patience) {
        this.spool = spool;
        this.patience = patience;
    }

    /** @return whether it is on disk */
    public boolean run(Consumer<Draft> step) throws InterruptedException {
        CountDownLatch onDisk = new CountDownLatch(1);
        return spool.submit(new Step(step, onDisk), patience)
                && onDisk.await(patience.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** @throws IOException when the disk does not take it in time */
    public <T> T ask(Function<Draft, T> step) throws IOException, InterruptedException {
        AtomicReference<T> answer = new AtomicReference<>();
        boolean onDisk = run(draft -> answer.set(step.apply(draft)));
        T given = answer.get();
        if (!onDisk || given == null) {
            throw new IOException("the disk of the gateway did not take it within " + patience.toSeconds() + " s");
        }
        return given;
    }

    private record Step(Consumer<Draft> step, CountDownLatch onDisk) implements Work {
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
            // Nothing came in that could be rejected; who asked sees that there is no answer.
        }

        @Override
        public void kept() {
            onDisk.countDown();
        }
    }
}
