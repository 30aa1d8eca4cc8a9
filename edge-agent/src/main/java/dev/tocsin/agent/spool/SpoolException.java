package dev.tocsin.agent.spool;

import org.jspecify.annotations.Nullable;

/** The spool cannot be used at all. */
public final class SpoolException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    SpoolException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
