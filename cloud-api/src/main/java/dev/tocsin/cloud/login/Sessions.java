package dev.tocsin.cloud.login;

import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.http.ApiException;
import dev.tocsin.cloud.http.Caller;
import dev.tocsin.cloud.http.Doorkeeper;
import dev.tocsin.cloud.http.Role;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jdbi.v3.core.Handle;
import org.jspecify.annotations.Nullable;

/**
 * Who is logged in: in memory, so that sessions work while the database is away, and in {@code ops.session}, so that they
 * outlive a restart. A session ends after an idle time and after an absolute one. Safe for any thread.
 */
public final class Sessions implements Doorkeeper {
    /** One person, many browsers; the one used longest ago makes room. */
    static final int MAX_PER_USER = 20;

    private static final int TOKEN_BYTES = 32;

    private final Database database;
    private final Clock clock;
    private final Duration idle;
    private final Duration absolute;
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Session> byHash = new ConcurrentHashMap<>();
    /** Ended in memory while the database was away; each is one of {@link #byHash} before, which bounds them. */
    private final Set<String> toDelete = ConcurrentHashMap.newKeySet();

    private volatile boolean loaded;

    private static final class Session {
        private final Caller caller;
        private final Instant created;
        private volatile Instant lastUsed;
        private volatile Instant lastStored;

        Session(Caller caller, Instant created, Instant lastUsed) {
            this.caller = caller;
            this.created = created;
            this.lastUsed = lastUsed;
            this.lastStored = lastUsed;
        }

        Instant lastUsed() {
            return lastUsed;
        }
    }

    /** A session that has just begun, and the token that only the browser keeps. */
    record Begun(Caller caller, String token) {}

    public Sessions(Database database, Clock clock, Duration idle, Duration absolute) {
        this.database = database;
        this.clock = clock;
        this.idle = idle;
        this.absolute = absolute;
    }

    @Override
    public @Nullable Caller admit(String token) {
        Session session = byHash.get(sha256(token));
        if (session != null && !ended(session)) {
            session.lastUsed = clock.instant();
            return session.caller;
        }
        if (!loaded) {
            throw ApiException.databaseUnavailable();
        }
        return null;
    }

    @Override
    public boolean stillOpen(Caller caller) {
        Session session = byHash.get(caller.session());
        if (session == null || ended(session)) {
            return false;
        }
        session.lastUsed = clock.instant();
        return true;
    }

    /** When a session ends at the latest; now for one that has ended. */
    Instant endsAt(Caller caller) {
        Session session = byHash.get(caller.session());
        return session == null ? clock.instant() : session.created.plus(absolute);
    }

    /** Reads the sessions of before the start. */
    public void load() {
        database.read(handle -> {
            handle.createQuery("select s.token_sha256, s.csrf, s.created_at, s.last_used_at, u.name, u.display_name,"
                            + " u.role, u.language from ops.session s"
                            + " join ops.app_user u on u.name = s.user_name where u.active")
                    .map((row, context) -> {
                        String hash = HexFormat.of().formatHex(row.getBytes("token_sha256"));
                        Caller caller = new Caller(
                                hash,
                                row.getString("name"),
                                row.getString("display_name"),
                                Role.valueOf(row.getString("role")),
                                row.getString("language"),
                                row.getString("csrf"));
                        return new Session(
                                caller,
                                row.getObject("created_at", OffsetDateTime.class)
                                        .toInstant(),
                                row.getObject("last_used_at", OffsetDateTime.class)
                                        .toInstant());
                    })
                    .forEach(session -> byHash.putIfAbsent(session.caller.session(), session));
            return null;
        });
        loaded = true;
    }

    /** Begins a session in the caller's transaction. */
    Begun begin(Handle handle, User user) {
        String token = token();
        Caller caller =
                new Caller(sha256(token), user.name(), user.displayName(), user.role(), user.language(), token());
        Instant now = clock.instant();
        handle.createUpdate("insert into ops.session (token_sha256, user_name, csrf, created_at, last_used_at)"
                        + " values (:hash, :user, :csrf, :now, :now)")
                .bind("hash", HexFormat.of().parseHex(caller.session()))
                .bind("user", user.name())
                .bind("csrf", caller.csrf())
                .bind("now", now.atOffset(ZoneOffset.UTC))
                .execute();
        byHash.put(caller.session(), new Session(caller, now, now));
        makeRoom(handle, user.name());
        return new Begun(caller, token);
    }

    /** Ends it at once; the row is left to {@link #end(Handle, String)} or {@link #deleteEnded}. */
    void end(String session) {
        if (byHash.remove(session) != null) {
            toDelete.add(session);
        }
    }

    void end(Handle handle, String session) {
        byHash.remove(session);
        handle.createUpdate("delete from ops.session where token_sha256 = :hash")
                .bind("hash", HexFormat.of().parseHex(session))
                .execute();
    }

    /** Ends every session of a user but one. */
    void endAll(Handle handle, String user, @Nullable String butSession) {
        for (Session session : of(user)) {
            if (!session.caller.session().equals(butSession)) {
                end(handle, session.caller.session());
            }
        }
    }

    /** Forgets ended sessions and stores when the others were used last; for a worker, every minute. */
    public void tidy() {
        List<Session> sessions = new ArrayList<>(byHash.values());
        database.write(handle -> {
            for (Session session : sessions) {
                Instant used = session.lastUsed;
                if (ended(session)) {
                    end(handle, session.caller.session());
                } else if (used.isAfter(session.lastStored)) {
                    handle.createUpdate("update ops.session set last_used_at = :at where token_sha256 = :hash")
                            .bind("at", used.atOffset(ZoneOffset.UTC))
                            .bind("hash", HexFormat.of().parseHex(session.caller.session()))
                            .execute();
                    session.lastStored = used;
                }
            }
            return null;
        });
    }

    /** Deletes what was ended while the database was away; for a worker, every few seconds. */
    public void deleteEnded() {
        List<String> gone = List.copyOf(toDelete);
        if (!gone.isEmpty()) {
            database.write(handle -> {
                gone.forEach(session -> end(handle, session));
                return null;
            });
            toDelete.removeAll(gone);
        }
    }

    public int count() {
        return byHash.size();
    }

    private void makeRoom(Handle handle, String user) {
        List<Session> sessions = of(user);
        sessions.sort(Comparator.comparing(Session::lastUsed));
        for (int i = 0; i < sessions.size() - MAX_PER_USER; i++) {
            end(handle, sessions.get(i).caller.session());
        }
    }

    private List<Session> of(String user) {
        List<Session> sessions = new ArrayList<>(byHash.values());
        sessions.removeIf(session -> !session.caller.user().equals(user));
        return sessions;
    }

    private boolean ended(Session session) {
        Instant now = clock.instant();
        return now.isAfter(session.lastUsed.plus(idle)) || now.isAfter(session.created.plus(absolute));
    }

    private String token() {
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static String sha256(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
