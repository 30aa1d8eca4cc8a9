package dev.tocsin.agent.spool;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Has something done on the spool's writer thread, where the judge lives, and waits until it is on disk. What could not
 * be begun in time is never done, and neither is anything while the disk refuses. Safe for any thread.
 */
public final class WriterThread {
    private final Spool spool;
    private final Duration patience;

    /** @param patience for room in the queue, and as long again for its turn */
    public WriterThread(Spool spool, Duration patience) {
        this.spool = spool;
        this.patience = patience;
    }

    /** @return whether it is on disk; otherwise it is not done, or it is of a commit that waits for the disk */
    public boolean run(Consumer<Draft> step) throws InterruptedException {
        Step submitted = new Step(step);
        awaitInPatience(submitted);
        return submitted.onDisk;
    }

    /**
     * The same, but what was begun is waited for as long as the disk takes.
     *
     * @return whether it is on disk; otherwise it is not done
     */
    public boolean runOrNever(Consumer<Draft> step) throws InterruptedException {
        Step submitted = new Step(step);
        if (awaitInPatience(submitted)) {
            submitted.ended.await();
        }
        return submitted.onDisk;
    }

    /**
     * As {@link #runOrNever}.
     *
     * @throws IOException when it is not done
     */
    public <T> T ask(Function<Draft, T> step) throws IOException, InterruptedException {
        AtomicReference<T> answer = new AtomicReference<>();
        boolean onDisk = runOrNever(draft -> answer.set(step.apply(draft)));
        T given = answer.get();
        if (!onDisk || given == null) {
            throw new IOException("the disk of the gateway did not take it within " + patience.toSeconds() + " s");
        }
        return given;
    }

    /** @return whether it was begun and did not end; what was not begun by now never is */
    private boolean awaitInPatience(Step step) throws InterruptedException {
        return spool.submit(step, patience)
                && !step.ended.await(patience.toMillis(), TimeUnit.MILLISECONDS)
                && !step.giveUp();
    }

    private static final class Step implements Work {
        final CountDownLatch ended = new CountDownLatch(1);
        private final Consumer<Draft> step;
        /** The writer has begun it, or who asked has given it up: whichever came first. */
        private final AtomicBoolean decided = new AtomicBoolean();

        /** Of the writer. */
        private boolean begun;

        volatile boolean onDisk;

        Step(Consumer<Draft> step) {
            this.step = step;
        }

        boolean giveUp() {
            return decided.compareAndSet(false, true);
        }

        @Override
        public int weight() {
            return 1;
        }

        @Override
        public void into(Draft draft) {
            if (!draft.isPassing() && decided.compareAndSet(false, true)) {
                begun = true;
                step.accept(draft);
            }
        }

        @Override
        public void indigestible(Draft draft, RuntimeException cause) {
            // Nothing came in that could be rejected; who asked sees that there is no answer.
        }

        @Override
        public void kept() {
            onDisk = begun;
            ended.countDown();
        }

        @Override
        public void refused() {
            ended.countDown();
        }
    }
}
