package dev.tocsin.cloud.login;

import java.time.Clock;
import java.time.ZoneOffset;
import org.jdbi.v3.core.Handle;

/** Who did what, from where: appended, in the transaction of what was done. Safe for any thread. */
public final class Audit {
    private final Clock clock;

    public Audit(Clock clock) {
        this.clock = clock;
    }

    /**
     * @param actor name of the user, or {@code system}
     * @param source address of the request, empty for the system
     * @param subject id of what it was done to, may be empty
     */
    public void append(Handle handle, String actor, String source, String action, String subject, String detail) {
        handle.createUpdate("insert into ops.audit (at, actor, source, action, subject, detail)"
                        + " values (:at, :actor, :source, :action, :subject, :detail)")
                .bind("at", clock.instant().atOffset(ZoneOffset.UTC))
                .bind("actor", actor)
                .bind("source", source)
                .bind("action", action)
                .bind("subject", subject)
                .bind("detail", detail)
                .execute();
    }
}
