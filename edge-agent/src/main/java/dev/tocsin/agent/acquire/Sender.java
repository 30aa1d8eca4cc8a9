package dev.tocsin.agent.acquire;

/** Whoever sent a message, as far as it is to be told what became of it. Called on the spool's writer thread. */
interface Sender {
    /** It is on disk: acknowledge it. */
    void kept();

    /** The disk does not take it now: it must be sent again. May be followed by {@link #kept} all the same. */
    default void refused() {
        // Whoever is not answered sends again.
    }

    /** Whether this way is one on which messages are acknowledged; otherwise they are judged in passing and not stored. */
    default boolean keeps() {
        return true;
    }
}
