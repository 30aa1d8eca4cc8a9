package dev.tocsin.cloud.login;

import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.http.ApiException;
import dev.tocsin.cloud.http.Call;
import dev.tocsin.cloud.http.Caller;
import dev.tocsin.cloud.http.Reply;
import dev.tocsin.cloud.http.Role;
import dev.tocsin.cloud.http.Routes;
import java.time.Clock;
import java.time.Instant;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Begins and ends sessions, and keeps the users. */
public final class LoginRoutes {
    private static final Logger LOG = LoggerFactory.getLogger(LoginRoutes.class);

    private final Database database;
    private final Sessions sessions;
    private final Passwords passwords = new Passwords();
    private final Throttle throttle;
    private final Audit audit;
    private final Clock clock;

    record Credentials(String user, String password) {}

    record Person(String name, String displayName, Role role, String language) {}

    /** @param endsAt when the session ends, however much it is used */
    record Me(Person user, String csrf, Instant endsAt) {}

    record PasswordChange(String oldPassword, String newPassword) {}

    record UserChange(
            String displayName,
            Role role,
            @Nullable String language,
            @Nullable Boolean active,
            @Nullable String password) {}

    public LoginRoutes(Database database, Sessions sessions, Audit audit, Clock clock) {
        this.database = database;
        this.sessions = sessions;
        this.audit = audit;
        this.clock = clock;
        this.throttle = new Throttle(clock);
    }

    public void addTo(Routes routes) {
        routes.blocking("login", this::login);
        routes.blocking("logout", this::logout);
        routes.inline("me", call -> me(call.caller()));
        routes.blocking("changePassword", this::changePassword);
        routes.blocking("listUsers", call -> Map.of("users", database.read(Users::all)));
        routes.blocking("putUser", this::putUser);
    }

    private Reply login(Call call) {
        Credentials given = call.body(Credentials.class);
        String name = given.user().toLowerCase(Locale.ROOT);
        attempt(name, call.source());
        try {
            Users.Stored stored = verified(name, given.password());
            Sessions.Begun begun = stored == null ? null : begin(call, name, stored.password());
            if (begun != null) {
                throttle.succeeded(name, call.source());
                return Reply.json(me(begun.caller()), begun.token());
            }
        } catch (RuntimeException e) {
            throttle.undecided(name, call.source());
            throw e;
        }
        auditAlone(name, call.source(), "login_failed");
        throw wrongCredentials();
    }

    private Me me(Caller caller) {
        Person person = new Person(caller.user(), caller.displayName(), caller.role(), caller.language());
        return new Me(person, caller.csrf(), sessions.endsAt(caller));
    }

    /** Counts an attempt, or refuses it. */
    private void attempt(String name, String source) {
        Throttle.Verdict verdict = throttle.begin(name, source);
        if (verdict.waitSeconds() > 0) {
            if (verdict.first()) {
                auditAlone(name, source, "login_throttled");
            }
            throw new ApiException(
                            429,
                            "too_many_attempts",
                            "Too many wrong passwords. Wait " + verdict.waitSeconds() + " s and try again.",
                            "密码错误次数过多，请等待 " + verdict.waitSeconds() + " 秒后重试。")
                    .retryAfter(verdict.waitSeconds());
        }
    }

    /** Null when the user was deactivated or given another password since it was verified. */
    private Sessions.@Nullable Begun begin(Call call, String name, String hash) {
        return database.<Sessions.@Nullable Begun>write(handle -> {
            User now = Users.loggedIn(handle, name, hash, clock.instant()).orElse(null);
            if (now == null) {
                return null;
            }
            audit.append(handle, name, call.source(), "login", "", "");
            return sessions.begin(handle, now);
        });
    }

    /** The user whose password it is; null for nobody. */
    private Users.@Nullable Stored verified(String name, String password) {
        Users.Stored stored = database.read(handle -> Users.find(handle, name)).orElse(null);
        if (stored == null || !stored.user().active()) {
            passwords.fitsNobody(password);
            return null;
        }
        return passwords.fits(password, stored.password()) ? stored : null;
    }

    private void auditAlone(String user, String source, String action) {
        database.write(handle -> {
            audit.append(handle, user, source, action, "", "");
            return null;
        });
    }

    /** Ends it whatever becomes of the database: an officer who leaves must not stay logged in. */
    private Reply logout(Call call) {
        Caller caller = call.caller();
        sessions.end(caller.session());
        try {
            database.write(handle -> {
                sessions.end(handle, caller.session());
                audit.append(handle, caller.user(), call.source(), "logout", "", "");
                return null;
            });
        } catch (ApiException e) {
            LOG.info("{} logged out, the database hears of it later: {}", caller.user(), e.code());
        }
        return Reply.loggedOut();
    }

    private @Nullable Object changePassword(Call call) {
        PasswordChange change = call.body(PasswordChange.class);
        Caller caller = call.caller();
        attempt(caller.user(), call.source());
        boolean changed;
        try {
            Users.Stored stored = verified(caller.user(), change.oldPassword());
            changed = stored != null && replacePassword(call, stored.password(), change.newPassword());
        } catch (RuntimeException e) {
            throttle.undecided(caller.user(), call.source());
            throw e;
        }
        if (!changed) {
            throw wrongCredentials();
        }
        throttle.succeeded(caller.user(), call.source());
        return null;
    }

    private boolean replacePassword(Call call, String oldHash, String newPassword) {
        Caller caller = call.caller();
        String hash = passwords.hash(newPassword);
        return database.write(handle -> {
            if (!Users.changePassword(handle, caller.user(), oldHash, hash)) {
                return false;
            }
            sessions.endAll(handle, caller.user(), caller.session());
            audit.append(handle, caller.user(), call.source(), "password_changed", caller.user(), "");
            return true;
        });
    }

    private User putUser(Call call) {
        String name = call.path("name");
        UserChange change = call.body(UserChange.class);
        @Nullable String newHash = change.password() == null ? null : passwords.hash(change.password());
        return database.write(handle -> {
            Users.lock(handle);
            Optional<Users.Stored> old = Users.find(handle, name);
            if (newHash == null && old.isEmpty()) {
                throw ApiException.invalid("/password", "A new user needs a password.", "新用户必须设置密码。");
            }
            boolean active = change.active() == null || change.active();
            if ((!active || change.role() != Role.ADMINISTRATOR) && Users.isLastAdministrator(handle, name)) {
                throw new ApiException(
                        409,
                        "last_administrator",
                        name + " is the last active administrator. Make another one first.",
                        name + " 是最后一个启用的管理员，请先设置另一位管理员。");
            }
            String language = change.language() != null
                    ? change.language()
                    : old.map(stored -> stored.user().language()).orElse("zh-CN");
            User user = new User(
                    name,
                    change.displayName(),
                    change.role(),
                    language,
                    active,
                    old.map(stored -> stored.user().lastLoginAt()).orElse(null));
            Users.put(handle, user, newHash == null ? old.orElseThrow().password() : newHash);
            if (old.isPresent()) {
                sessions.endAll(handle, name, null);
            }
            String detail = change.role() + (active ? " active" : " inactive") + (newHash == null ? "" : " password");
            audit.append(handle, call.caller().user(), call.source(), "user_put", name, detail);
            return user;
        });
    }

    private static ApiException wrongCredentials() {
        return new ApiException(401, "wrong_credentials", "User or password is wrong.", "用户名或密码错误。");
    }
}
