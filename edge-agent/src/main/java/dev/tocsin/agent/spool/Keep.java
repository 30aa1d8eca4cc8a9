package dev.tocsin.agent.spool;

import org.jspecify.annotations.Nullable;

/**
 * Stores a document that outlives the process. Of documents there are few, each of which is said now and then.
 *
 * @param body nothing deletes it
 */
public record Keep(String kind, String key, byte @Nullable [] body) implements Work {
    @Override
    public int weight() {
        return 0;
    }

    @Override
    public void into(Draft draft) {
        draft.keep(kind, key, body);
    }

    @Override
    public void indigestible(Draft draft, RuntimeException cause) {
        // What it says is in force already, and is said again at the next start.
    }

    @Override
    public void kept() {
        // Nobody waits for it.
    }
}
