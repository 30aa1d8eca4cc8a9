package dev.tocsin.cloud.alerts;

import dev.tocsin.cloud.http.Caller;
import dev.tocsin.cloud.live.Acknowledged;
import dev.tocsin.cloud.live.Acknowledgement;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.Severity;
import java.sql.ResultSet;
import java.sql.SQLException;
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
                .map((row, context) -> Map.entry(row.getString("alert"), read(row, "id")))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** @param id the column of the event's number; 0 and a null action where there is no event */
    static Acknowledgement read(ResultSet row, String id) throws SQLException {
        long event = row.getLong(id);
        if (!ACKNOWLEDGE.equals(row.getString("action"))) {
            return new Acknowledgement(event, null, null, false);
        }
        Acknowledged acknowledged = new Acknowledged(
                row.getString("user_name"),
                row.getString("display_name"),
                row.getObject("at", OffsetDateTime.class).toInstant(),
                row.getLong("revision"));
        String severity = row.getString("seen_severity");
        return new Acknowledgement(
                event,
                acknowledged,
                severity == null ? null : Severity.valueOf(severity),
                row.getBoolean("seen_drill"));
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

    /** Of the alert as it is now, which is what the officer saw. */
    static Acknowledgement acknowledge(Handle handle, Alert seen, Caller caller, Instant now) {
        long event = append(handle, seen, ACKNOWLEDGE, caller, now);
        Acknowledged acknowledged = new Acknowledged(caller.user(), caller.displayName(), now, seen.revision());
        return new Acknowledgement(event, acknowledged, seen.severity(), seen.drill());
    }

    static Acknowledgement undo(Handle handle, Alert seen, Caller caller, Instant now) {
        return new Acknowledgement(append(handle, seen, "undo", caller, now), null, null, false);
    }

    private static long append(Handle handle, Alert seen, String action, Caller caller, Instant now) {
        return handle.createQuery("insert into ops.acknowledgement"
                        + " (alert, action, revision, seen_severity, seen_drill, user_name, display_name, at) values"
                        + " (:alert, :action, :revision, :severity, :drill, :user, :displayName, :at) returning id")
                .bind("alert", seen.id())
                .bind("action", action)
                .bind("revision", seen.revision())
                .bind("severity", seen.severity().name())
                .bind("drill", seen.drill())
                .bind("user", caller.user())
                .bind("displayName", caller.displayName())
                .bind("at", now.atOffset(ZoneOffset.UTC))
                .mapTo(Long.class)
                .one();
    }
}
