package dev.tocsin.agent.desired;

import dev.tocsin.agent.spool.Draft;
import dev.tocsin.agent.spool.Work;

/** Keeps an applied state for a start without the cloud. */
public record KeepState(String topic, byte[] payload) implements Work {
    /** Of these documents in the spool; their keys are topics. */
    public static final String KIND = "state";

    @Override
    public int weight() {
        return 1;
    }

    @Override
    public void into(Draft draft) {
        draft.keep(KIND, topic, payload);
    }

    @Override
    public void indigestible(Draft draft, RuntimeException cause) {
        // It is in force already; the cloud sends it again at the next connect.
    }

    @Override
    public void kept() {
        // Nobody waits for it.
    }
}
