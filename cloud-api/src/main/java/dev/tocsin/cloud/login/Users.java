package dev.tocsin.cloud.login;

import dev.tocsin.cloud.http.Role;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/** Table {@code ops.app_user}. */
final class Users {
    private Users() {}

    /** A user and the hash of the password. */
    record Stored(User user, String password) {}

    static Optional<Stored> find(Handle handle, String name) {
        return handle.createQuery("select * from ops.app_user where name = :name")
                .bind("name", name)
                .map((row, context) -> new Stored(user(row), row.getString("password")))
                .findOne();
    }

    static List<User> all(Handle handle) {
        return handle.createQuery("select * from ops.app_user order by name")
                .map((row, context) -> user(row))
                .list();
    }

    static boolean none(Handle handle) {
        return !handle.createQuery("select exists (select from ops.app_user)")
                .mapTo(Boolean.class)
                .one();
    }

    /**
     * Nobody else changes a user until the transaction ends; to be taken before anything is read. It keeps two
     * administrators from taking each other away at once, and a change from overwriting another.
     */
    static void lock(Handle handle) {
        handle.execute("lock table ops.app_user in share row exclusive mode");
    }

    static boolean isLastAdministrator(Handle handle, String name) {
        return !handle.createQuery("select exists (select from ops.app_user"
                        + " where role = 'ADMINISTRATOR' and active and name <> :name)")
                .bind("name", name)
                .mapTo(Boolean.class)
                .one();
    }

    static void put(Handle handle, User user, String password) {
        handle.createUpdate("insert into ops.app_user (name, display_name, role, language, active, password)"
                        + " values (:name, :displayName, :role, :language, :active, :password)"
                        + " on conflict (name) do update set display_name = excluded.display_name,"
                        + " role = excluded.role, language = excluded.language, active = excluded.active,"
                        + " password = excluded.password")
                .bind("name", user.name())
                .bind("displayName", user.displayName())
                .bind("role", user.role().name())
                .bind("language", user.language())
                .bind("active", user.active())
                .bind("password", password)
                .execute();
    }

    /**
     * Notes the login of a user whose password was found right, and gives the user as it is by now; nobody when it was
     * deactivated or given another password meanwhile. The row stays locked, so that what changes it later finds the
     * session.
     *
     * @param hash that the password was compared with
     */
    static Optional<User> loggedIn(Handle handle, String name, String hash, Instant at) {
        return handle.createQuery("update ops.app_user set last_login_at = :at"
                        + " where name = :name and password = :hash and active returning *")
                .bind("at", at.atOffset(ZoneOffset.UTC))
                .bind("name", name)
                .bind("hash", hash)
                .map((row, context) -> user(row))
                .findOne();
    }

    /** @return false when the password is no longer the old one */
    static boolean changePassword(Handle handle, String name, String oldHash, String newHash) {
        return handle.createUpdate(
                                "update ops.app_user set password = :new where name = :name and password = :old and active")
                        .bind("name", name)
                        .bind("old", oldHash)
                        .bind("new", newHash)
                        .execute()
                == 1;
    }

    private static User user(ResultSet row) throws SQLException {
        OffsetDateTime lastLogin = row.getObject("last_login_at", OffsetDateTime.class);
        @Nullable Instant lastLoginAt = lastLogin == null ? null : lastLogin.toInstant();
        return new User(
                row.getString("name"),
                row.getString("display_name"),
                Role.valueOf(row.getString("role")),
                row.getString("language"),
                row.getBoolean("active"),
                lastLoginAt);
    }
}
