package dev.tocsin.agent.spool;

/** Something to be stored; every method runs on the spool's writer thread. */
public interface Work {

    /** How many readings it counts for in the queue and in a commit, at least 1. */
    int weight();

    /**
     * Puts what is to be stored into the draft of the next commit. What may fail comes before the first call to the
     * draft, so that a failure leaves nothing half done in it.
     */
    void into(Draft draft);

    /** {@link #into} threw: puts the input into the draft as rejected, so that the commit goes on without it. */
    void indigestible(Draft draft, RuntimeException cause);

    /** The commit is on disk. */
    void kept();
}
