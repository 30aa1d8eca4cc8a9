package dev.tocsin.cloud.http;

import org.jspecify.annotations.Nullable;

/** Knows the sessions. Called on the event loop: must answer from memory. */
public interface Doorkeeper {
    /**
     * Who the token of a cookie belongs to, null for nobody; using it keeps the session from idling out.
     *
     * @throws ApiException 503 while it is not known whether there is such a session
     */
    @Nullable
    Caller admit(String token);

    /** Whether a session that was admitted before still stands; keeps it from idling out. */
    boolean stillOpen(Caller caller);
}
