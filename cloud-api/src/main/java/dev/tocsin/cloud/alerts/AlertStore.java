package dev.tocsin.cloud.alerts;

import static java.util.stream.Collectors.joining;

import dev.tocsin.cloud.database.Cursor;
import dev.tocsin.cloud.live.Acknowledgement;
import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.alert.Severity;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.Query;
import org.jspecify.annotations.Nullable;

/** Reads {@code sensing.alert} together with the newest event of {@code ops.acknowledgement}. */
final class AlertStore {
    private static final String ALERT_AND_ACKNOWLEDGEMENT = """
            select a.body::text as body, k.id as event, k.action, k.revision, k.user_name,
                k.display_name, k.at, k.seen_severity, k.seen_drill
            from sensing.alert a
            left join lateral (select * from ops.acknowledgement e where e.alert = a.id order by e.id desc limit 1) k
            on true
            """;

    /** As {@link Acknowledgement#of} says it. */
    private static final String UNACKNOWLEDGED = """
            (k.action is distinct from 'acknowledge' or (k.seen_drill and not a.drill)
             or k.revision < coalesce((a.body -> 'correlation' ->> 'urgentSince')::int8, 0)
             or array_position(:severities, a.severity) < array_position(:severities, k.seen_severity))
            """.replace(
                    ":severities",
                    Arrays.stream(Severity.values()).map(Severity::name).collect(joining("','", "array['", "']")));

    private AlertStore() {}

    /** An alert, and where its acknowledgement stands. */
    record Stored(Alert alert, Acknowledgement acknowledgement) {}

    /**
     * What a list is asked for; a null or empty filter lets everything through.
     *
     * @param state ACTIVE or CLEARED
     */
    record Filter(
            @Nullable String state,
            List<String> kinds,
            List<String> severities,
            @Nullable String area,
            @Nullable String device,
            @Nullable Instant since,
            @Nullable Cursor before,
            int limit) {

        boolean lets(Alert alert) {
            return (state == null || alert.state().name().equals(state))
                    && (kinds.isEmpty() || kinds.contains(alert.kind().name()))
                    && (severities.isEmpty()
                            || severities.contains(alert.severity().name()))
                    && (area == null || List.of(alert.place().areas()).contains(area))
                    && (device == null || alert.device().equals(device))
                    && (since == null || !alert.onset().isBefore(since))
                    && (before == null || isBefore(alert, before));
        }

        private static boolean isBefore(Alert alert, Cursor cursor) {
            int order = alert.onset().compareTo(cursor.at());
            return order < 0 || (order == 0 && alert.id().compareTo(cursor.id()) < 0);
        }
    }

    static Optional<Stored> find(Handle handle, String id) {
        return handle.createQuery(ALERT_AND_ACKNOWLEDGEMENT + " where a.id = :id")
                .bind("id", id)
                .map((row, context) -> stored(row))
                .findOne();
    }

    static List<Stored> list(Handle handle, Filter filter) {
        Map<String, Object> values = new LinkedHashMap<>();
        StringBuilder where = new StringBuilder(" where true");
        add(where, values, " and a.state = :state", "state", filter.state());
        add(where, values, " and a.device = :device", "device", filter.device());
        add(where, values, " and jsonb_exists(a.body -> 'place' -> 'areas', :area)", "area", filter.area());
        add(where, values, " and a.onset >= :since", "since", utc(filter.since()));
        if (!filter.kinds().isEmpty()) {
            where.append(" and a.kind = any(:kinds)");
        }
        if (!filter.severities().isEmpty()) {
            where.append(" and a.severity = any(:severities)");
        }
        Cursor before = filter.before();
        if (before != null) {
            // Ids are compared byte by byte, as they are in memory.
            where.append(" and (a.onset, a.id collate \"C\") < (:at, :id)");
            values.put("at", before.at().atOffset(ZoneOffset.UTC));
            values.put("id", before.id());
        }
        Query query = handle.createQuery(ALERT_AND_ACKNOWLEDGEMENT + where
                        + " order by a.onset desc, a.id collate \"C\" desc limit :limit")
                .bindMap(values)
                .bind("limit", filter.limit());
        if (!filter.kinds().isEmpty()) {
            query.bindArray("kinds", String.class, filter.kinds());
        }
        if (!filter.severities().isEmpty()) {
            query.bindArray("severities", String.class, filter.severities());
        }
        return query.map((row, context) -> stored(row)).list();
    }

    /**
     * Active ones, newest first, then cleared ones that nobody acknowledged, newest revision first; of either at most
     * {@code limit}. Cleared ones count by their revision, which is the publisher's clock, and not by event time: what a
     * backlog or a replay brought yesterday of last year is yesterday's.
     */
    static List<Stored> open(Handle handle, Instant clearedSince, int limit) {
        return handle.createQuery("(" + ALERT_AND_ACKNOWLEDGEMENT
                        + " where a.state = 'ACTIVE' order by a.onset desc limit :limit) union all ("
                        + ALERT_AND_ACKNOWLEDGEMENT
                        + " where a.state = 'CLEARED' and a.revision >= :since and " + UNACKNOWLEDGED
                        + " order by a.revision desc limit :limit)")
                .bind("since", clearedSince.toEpochMilli())
                .bind("limit", limit)
                .map((row, context) -> stored(row))
                .list();
    }

    private static void add(
            StringBuilder where, Map<String, Object> values, String condition, String name, @Nullable Object value) {
        if (value != null) {
            where.append(condition);
            values.put(name, value);
        }
    }

    private static @Nullable OffsetDateTime utc(@Nullable Instant instant) {
        return instant == null ? null : instant.atOffset(ZoneOffset.UTC);
    }

    private static Stored stored(ResultSet row) throws SQLException {
        Alert alert = AlertJson.read(row.getString("body").getBytes(StandardCharsets.UTF_8));
        return new Stored(alert, Acknowledgements.read(row, "event"));
    }
}
