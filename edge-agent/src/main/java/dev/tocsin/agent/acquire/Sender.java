package dev.tocsin.agent.acquire;

/** Whoever sent a message, as far as it is to be told what became of it. Called on the spool's writer thread. */
@FunctionalInterface
public interface Sender {
    /** It is on disk: acknowledge it. */
    void kept();

    /** The disk does not take it now, and its commit waits for it: {@link #kept} may follow late. */
    default void delayed() {
        // Whoever is not answered sends again.
    }

    /** The disk does not take it now: it was judged in passing, and must be sent again. */
    default void passed() {
        // Whoever is not answered sends again.
    }

    /** Whether this way is one on which messages are acknowledged; otherwise they are judged in passing and not stored. */
    default boolean keeps() {
        return true;
    }

    /** Whether it was judged in passing when it came for the first time, and is only to be stored now. */
    default boolean judged() {
        return false;
    }
}
