package dev.tocsin.cloud.bundles;

import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import org.jdbi.v3.core.Handle;

/** Tables {@code ops.agent_bundle} and {@code ops.agent_update}. */
final class BundleStore {
    private BundleStore() {}

    static List<StoredBundle> bundles(Handle handle) {
        return handle.createQuery("select * from ops.agent_bundle order by serial desc")
                .map((row, context) -> new StoredBundle(
                        row.getString("version"),
                        row.getLong("serial"),
                        row.getString("from_version"),
                        row.getBoolean("allow_downgrade"),
                        row.getLong("size"),
                        row.getString("sha256"),
                        row.getString("user_name"),
                        row.getString("display_name"),
                        row.getObject("at", OffsetDateTime.class).toInstant()))
                .list();
    }

    static void add(Handle handle, StoredBundle bundle) {
        handle.createUpdate(
                        "insert into ops.agent_bundle (version, serial, from_version, allow_downgrade, size, sha256,"
                                + " user_name, display_name, at) values (:version, :serial, :from, :downgrade, :size, :sha256,"
                                + " :user, :displayName, :at)")
                .bind("version", bundle.version())
                .bind("serial", bundle.serial())
                .bind("from", bundle.from())
                .bind("downgrade", bundle.allowDowngrade())
                .bind("size", bundle.size())
                .bind("sha256", bundle.sha256())
                .bind("user", bundle.by())
                .bind("displayName", bundle.displayName())
                .bind("at", bundle.at().atOffset(ZoneOffset.UTC))
                .execute();
    }

    static void remove(Handle handle, String version) {
        handle.execute("delete from ops.agent_bundle where version = ?", version);
    }

    /** The newest order of each gateway. */
    static List<OrderedUpdate> orders(Handle handle) {
        return handle.createQuery("select distinct on (gateway) * from ops.agent_update order by gateway, id desc")
                .map((row, context) -> new OrderedUpdate(
                        row.getLong("id"),
                        row.getString("gateway"),
                        row.getString("version"),
                        row.getLong("size"),
                        row.getString("sha256"),
                        row.getString("user_name"),
                        row.getString("display_name"),
                        row.getObject("at", OffsetDateTime.class).toInstant()))
                .list();
    }

    static void order(
            Handle handle, String gateway, StoredBundle bundle, String by, String displayName, OffsetDateTime at) {
        handle.createUpdate("insert into ops.agent_update (gateway, version, size, sha256, user_name, display_name, at)"
                        + " values (:gateway, :version, :size, :sha256, :user, :displayName, :at)")
                .bind("gateway", gateway)
                .bind("version", bundle.version())
                .bind("size", bundle.size())
                .bind("sha256", bundle.sha256())
                .bind("user", by)
                .bind("displayName", displayName)
                .bind("at", at)
                .execute();
    }
}
