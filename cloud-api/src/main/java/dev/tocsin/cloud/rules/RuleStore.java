package dev.tocsin.cloud.rules;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;

/** Table {@code ops.rule_set}, which is only ever appended to. */
final class RuleStore {
    private static final int HISTORY = 1_000;

    private RuleStore() {}

    /** Lets one transaction at a time draw from the counter of versions. */
    static void lock(Handle handle) {
        handle.execute("select pg_advisory_xact_lock(hashtextextended('rule sets', 0))");
    }

    /** The newest version of each set, ended ones too. */
    static List<RuleVersion> newest(Handle handle) {
        return handle.createQuery("select distinct on (id) * from ops.rule_set order by id, version desc")
                .map((row, context) -> version(row))
                .list();
    }

    /** Of each set that ended the version before its end. */
    static List<RuleVersion> lastOfEnded(Handle handle) {
        return handle.createQuery("select distinct on (id) * from ops.rule_set old where body <> '' and exists"
                        + " (select from ops.rule_set newer where newer.id = old.id and newer.body = ''"
                        + " and newer.version > old.version) order by id, version desc")
                .map((row, context) -> version(row))
                .list();
    }

    /** Newest first. */
    static List<RuleVersion> history(Handle handle, String id) {
        return handle.createQuery("select * from ops.rule_set where id = :id order by version desc limit " + HISTORY)
                .bind("id", id)
                .map((row, context) -> version(row))
                .list();
    }

    static Optional<RuleVersion> find(Handle handle, String id, int version) {
        return handle.createQuery("select * from ops.rule_set where id = :id and version = :version")
                .bind("id", id)
                .bind("version", version)
                .map((row, context) -> version(row))
                .findOne();
    }

    static void append(Handle handle, RuleVersion version) {
        handle.createUpdate("insert into ops.rule_set (version, id, body, user_name, display_name, at)"
                        + " values (:version, :id, :body, :user, :displayName, :at)")
                .bind("version", version.version())
                .bind("id", version.id())
                .bind("body", version.text())
                .bind("user", version.by())
                .bind("displayName", version.displayName())
                .bind("at", version.at().atOffset(ZoneOffset.UTC))
                .execute();
    }

    private static RuleVersion version(ResultSet row) throws SQLException {
        return new RuleVersion(
                row.getString("id"),
                row.getInt("version"),
                row.getString("body"),
                row.getString("user_name"),
                row.getString("display_name"),
                row.getObject("at", OffsetDateTime.class).toInstant());
    }
}
