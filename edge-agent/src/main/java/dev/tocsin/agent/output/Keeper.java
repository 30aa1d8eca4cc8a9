package dev.tocsin.agent.output;

import org.jspecify.annotations.Nullable;

/** Keeps a document for the next start; must not wait. */
@FunctionalInterface
public interface Keeper {
    /** @param body nothing deletes it */
    void keep(String kind, String key, byte @Nullable [] body);
}
