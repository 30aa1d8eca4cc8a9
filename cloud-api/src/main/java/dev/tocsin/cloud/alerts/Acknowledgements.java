package dev.tocsin.cloud.alerts;

import dev.tocsin.cloud.http.Caller;
import dev.tocsin.cloud.live.Acknowledged;
import dev.tocsin.cloud.live.Acknowledgement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;

/** Table {@code ops.acknowledgement}, which is only ever appended to; the newest event of an alert says how it stands. */
final class Acknowledgements {
    private static final String ACKNOWLEDGE = "acknowledge";

    private Acknowledgements() {}

    /** One row, as the contract shows it. */
    record Event(String action, String by, String displayName, Instant at, long revision) {}

    /** Lets one transaction at a time look at an alert and append to it. */
    static void lock(Handle handle, String alert) {
        handle.execute("select pg_advisory_xact_lock(hashtextextended('acknowledge ' || ?, 0))", alert);
    }

    static Acknowledgement newest(Handle handle, String alert) {
        return newest(handle, List.of(alert)).getOrDefault(alert, Acknowledgement.NONE);
    }

    static Map<String, Acknowledgement> newest(Handle handle, List<String> alerts) {
        return handle.createQuery("select distinct on (alert) * from ops.acknowledgement where alert = any(:alerts)"
                        + " order by alert, id desc")
                .bindArray("alerts", String.class, alerts)
                .map((row, context) -> Map.entry(
                        row.getString("alert"),
                        new Acknowledgement(
                                row.getLong("id"),
                                row.getString("action").equals(ACKNOWLEDGE)
                                        ? new Acknowledged(
                                                row.getString("user_name"),
                                                row.getString("display_name"),
                                                row.getObject("at", OffsetDateTime.class)
                                                        .toInstant(),
                                                row.getLong("revision"))
                                        : null)))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    static List<Event> history(Handle handle, String alert) {
        return handle.createQuery("select * from ops.acknowledgement where alert = :alert order by id limit 1000")
                .bind("alert", alert)
                .map((row, context) -> new Event(
                        row.getString("action"),
                        row.getString("user_name"),
                        row.getString("display_name"),
                        row.getObject("at", OffsetDateTime.class).toInstant(),
                        row.getLong("revision")))
                .list();
    }

    static Acknowledgement acknowledge(Handle handle, String alert, long revision, Caller caller, Instant now) {
        long event = append(handle, alert, ACKNOWLEDGE, revision, caller, now);
        return new Acknowledgement(event, new Acknowledged(caller.user(), caller.displayName(), now, revision));
    }

    static Acknowledgement undo(Handle handle, String alert, long revision, Caller caller, Instant now) {
        return new Acknowledgement(append(handle, alert, "undo", revision, caller, now), null);
    }

    private static long append(Handle handle, String alert, String action, long revision, Caller caller, Instant now) {
        return handle.createQuery(
                        "insert into ops.acknowledgement (alert, action, revision, user_name, display_name, at)"
                                + " values (:alert, :action, :revision, :user, :displayName, :at) returning id")
                .bind("alert", alert)
                .bind("action", action)
                .bind("revision", revision)
                .bind("user", caller.user())
                .bind("displayName", caller.displayName())
                .bind("at", now.atOffset(ZoneOffset.UTC))
                .mapTo(Long.class)
                .one();
    }
}
