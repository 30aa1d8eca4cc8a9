package dev.tocsin.agent.output;

import org.jspecify.annotations.Nullable;

/** Hears of outputs that cannot be driven; must not wait. */
@FunctionalInterface
public interface Troubles {
    /**
     * @param reason nothing when the trouble is over
     * @return false when it could not be taken, and must be told again
     */
    boolean told(String output, @Nullable String reason);
}
