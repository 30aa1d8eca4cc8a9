package dev.tocsin.agent.spool;

import org.jspecify.annotations.Nullable;

/** Something to be stored; every method runs on the spool's writer thread. */
public interface Work {

    /**
     * How many readings it counts for in the queue and in a commit. 0 for what is due by time, and bounded by who submits it:
     * it finds a place where senders wait for one.
     */
    int weight();

    /**
     * How it came, where that matters. A commit holds messages of one connection to a broker only, so that a message
     * which comes again by the next one meets the first already committed.
     */
    default @Nullable Via via() {
        return null;
    }

    /**
     * Puts what is to be stored into the draft of the next commit. What may fail comes before the first call to the
     * draft, so that a failure leaves nothing half done in it.
     */
    void into(Draft draft);

    /** {@link #into} threw: puts the input into the draft as rejected, so that the commit goes on without it. */
    void indigestible(Draft draft, RuntimeException cause);

    /** The commit is on disk. */
    void kept();

    /**
     * Whether it is to be stored. Otherwise it is looked at in passing ({@link Draft#isPassing}): it came by a way on
     * which nothing is acknowledged, and comes again by another.
     */
    default boolean lasting() {
        return true;
    }

    /** The disk does not take it now, and it is of the commit that waits for the disk: {@link #kept} may follow late. */
    default void delayed() {
        // Nobody waits for it.
    }

    /** The disk does not take it now. It was judged in passing all the same; its sender must send it again. */
    default void refused() {
        // Nobody waits for it.
    }
}
