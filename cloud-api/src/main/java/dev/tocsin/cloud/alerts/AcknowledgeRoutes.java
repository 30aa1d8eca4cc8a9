package dev.tocsin.cloud.alerts;

import dev.tocsin.cloud.alerts.AlertStore.Stored;
import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.http.ApiException;
import dev.tocsin.cloud.http.Call;
import dev.tocsin.cloud.http.Caller;
import dev.tocsin.cloud.http.Routes;
import dev.tocsin.cloud.live.Acknowledged;
import dev.tocsin.cloud.live.Acknowledgement;
import dev.tocsin.cloud.live.AlertNames;
import dev.tocsin.cloud.live.AlertView;
import dev.tocsin.cloud.live.LiveAlerts;
import dev.tocsin.cloud.login.Audit;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Acknowledges what an officer saw, and takes it back. Both look at the newest event and append theirs in one
 * transaction that holds the alert's lock, so that of two officers exactly one is first.
 */
public final class AcknowledgeRoutes {
    static final Duration UNDO_WITHIN = Duration.ofSeconds(10);

    private final Database database;
    private final LiveAlerts live;
    private final AlertNames names;
    private final Audit audit;
    private final Clock clock;

    record Seen(long revision) {}

    public AcknowledgeRoutes(Database database, LiveAlerts live, AlertNames names, Audit audit, Clock clock) {
        this.database = database;
        this.live = live;
        this.names = names;
        this.audit = audit;
        this.clock = clock;
    }

    public void addTo(Routes routes) {
        routes.blocking("acknowledgeAlert", this::acknowledge);
        routes.blocking("undoAcknowledge", this::undo);
    }

    private AlertView acknowledge(Call call) {
        String id = call.path("id");
        long revision = call.body(Seen.class).revision();
        Caller caller = call.caller();
        Instant now = clock.instant();
        Stored after = database.write(handle -> {
            Acknowledgements.lock(handle, id);
            Stored alert = newest(handle, id);
            Acknowledged already = alert.acknowledgement().of(alert.alert());
            if (already != null) {
                if (already.by().equals(caller.user()) && already.revision() == revision) {
                    return alert;
                }
                throw new ApiException(
                                409,
                                "already_acknowledged",
                                already.displayName() + " acknowledged it at " + already.at() + ".",
                                already.displayName() + " 已于 " + already.at() + " 确认。")
                        .with(AlertRoutes.view(names, alert));
            }
            if (alert.alert().revision() != revision) {
                throw new ApiException(
                                409,
                                "alert_changed",
                                "The alert changed since you saw it. Look at it as it is now, then acknowledge.",
                                "报警在您查看后已变化，请查看最新状态后再确认。")
                        .with(AlertRoutes.view(names, alert));
            }
            audit.append(handle, caller.user(), call.source(), "acknowledge", id, "revision " + revision);
            return new Stored(alert.alert(), Acknowledgements.acknowledge(handle, alert.alert(), caller, now));
        });
        return tell(after);
    }

    private AlertView undo(Call call) {
        String id = call.path("id");
        Caller caller = call.caller();
        Instant now = clock.instant();
        Stored after = database.write(handle -> {
            Acknowledgements.lock(handle, id);
            Stored alert = newest(handle, id);
            Acknowledged standing = alert.acknowledgement().of(alert.alert());
            refuseUndo(standing, caller, now);
            audit.append(handle, caller.user(), call.source(), "undo_acknowledge", id, "");
            return new Stored(alert.alert(), Acknowledgements.undo(handle, alert.alert(), caller, now));
        });
        return tell(after);
    }

    private static void refuseUndo(@Nullable Acknowledged standing, Caller caller, Instant now) {
        if (standing == null) {
            throw new ApiException(409, "not_acknowledged", "The alert is not acknowledged.", "该报警尚未确认。");
        }
        if (!standing.by().equals(caller.user())) {
            throw new ApiException(
                    403,
                    "not_yours",
                    standing.displayName() + " acknowledged it; only the same officer can take that back.",
                    "由 " + standing.displayName() + " 确认，仅本人可以撤销。");
        }
        if (now.isAfter(standing.at().plus(UNDO_WITHIN))) {
            throw new ApiException(
                    409,
                    "undo_too_late",
                    "An acknowledgement can be taken back within " + UNDO_WITHIN.toSeconds() + " s only.",
                    "确认只能在 " + UNDO_WITHIN.toSeconds() + " 秒内撤销。");
        }
    }

    /** The newest revision of memory and store, with the newest event of the store. */
    private Stored newest(Handle handle, String id) {
        LiveAlerts.Entry entry = live.find(id);
        Optional<Stored> stored = AlertStore.find(handle, id);
        if (entry == null) {
            return stored.orElseThrow(() -> AlertRoutes.notFound(id));
        }
        if (stored.isPresent()
                && stored.get().alert().revision() > entry.view().alert().revision()) {
            return stored.get();
        }
        return new Stored(entry.view().alert(), Acknowledgements.newest(handle, id));
    }

    private AlertView tell(Stored after) {
        Acknowledgement acknowledgement = after.acknowledgement();
        // Merged whether it is held or not: an undo opens an alert again that memory had let go.
        live.merge(after.alert(), acknowledgement);
        LiveAlerts.Entry entry = live.find(after.alert().id());
        return entry == null ? AlertRoutes.view(names, after) : entry.view();
    }
}
