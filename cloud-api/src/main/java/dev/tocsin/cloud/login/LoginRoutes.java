package dev.tocsin.cloud.login;

import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.http.ApiException;
import dev.tocsin.cloud.http.Call;
import dev.tocsin.cloud.http.Caller;
import dev.tocsin.cloud.http.Reply;
import dev.tocsin.cloud.http.Role;
import dev.tocsin.cloud.http.Routes;
import java.time.Clock;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Begins and ends sessions, and keeps the users. */
public final class LoginRoutes {
    private final Database database;
    private final Sessions sessions;
    private final Passwords passwords = new Passwords();
    private final Throttle throttle;
    private final Audit audit;
    private final Clock clock;

    record Credentials(String user, String password) {}

    record Person(String name, String displayName, Role role, String language) {}

    record Me(Person user, String csrf) {
        static Me of(Caller caller) {
            return new Me(
                    new Person(caller.user(), caller.displayName(), caller.role(), caller.language()), caller.csrf());
        }
    }

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
        routes.inline("me", call -> Me.of(call.caller()));
        routes.blocking("changePassword", this::changePassword);
        routes.blocking("listUsers", call -> Map.of("users", database.read(Users::all)));
        routes.blocking("putUser", this::putUser);
    }

    private Reply login(Call call) {
        Credentials given = call.body(Credentials.class);
        String name = given.user().toLowerCase(Locale.ROOT);
        Throttle.Verdict verdict = throttle.mayTry(name, call.source());
        if (verdict.waitSeconds() > 0) {
            if (verdict.first()) {
                auditAlone(name, call.source(), "login_throttled");
            }
            throw new ApiException(
                            429,
                            "too_many_attempts",
                            "Too many failed logins. Wait " + verdict.waitSeconds() + " s and try again.",
                            "登录失败次数过多，请等待 " + verdict.waitSeconds() + " 秒后重试。")
                    .retryAfter(verdict.waitSeconds());
        }
        Optional<Users.Stored> stored = database.read(handle -> Users.find(handle, name));
        if (!fits(stored, given.password())) {
            throttle.failed(name, call.source());
            auditAlone(name, call.source(), "login_failed");
            throw wrongCredentials();
        }
        throttle.succeeded(name, call.source());
        User user = stored.orElseThrow().user();
        Sessions.Begun begun = database.write(handle -> {
            Users.loggedIn(handle, name, clock.instant());
            audit.append(handle, name, call.source(), "login", "", "");
            return sessions.begin(handle, user);
        });
        return Reply.json(Me.of(begun.caller()), begun.token());
    }

    private boolean fits(Optional<Users.Stored> stored, String password) {
        if (stored.isEmpty() || !stored.get().user().active()) {
            passwords.fitsNobody(password);
            return false;
        }
        return passwords.fits(password, stored.get().password());
    }

    private void auditAlone(String user, String source, String action) {
        database.write(handle -> {
            audit.append(handle, user, source, action, "", "");
            return null;
        });
    }

    private Reply logout(Call call) {
        database.write(handle -> {
            sessions.end(handle, call.caller().session());
            audit.append(handle, call.caller().user(), call.source(), "logout", "", "");
            return null;
        });
        return Reply.loggedOut();
    }

    private @Nullable Object changePassword(Call call) {
        PasswordChange change = call.body(PasswordChange.class);
        Caller caller = call.caller();
        if (throttle.mayTry(caller.user(), call.source()).waitSeconds() > 0) {
            throw new ApiException(
                    429, "too_many_attempts", "Too many wrong passwords. Wait a minute.", "密码错误次数过多，请一分钟后重试。");
        }
        Users.Stored stored = database.read(handle -> Users.find(handle, caller.user()))
                .orElseThrow(() -> ApiException.notFound("The user is gone.", "用户不存在。"));
        if (!passwords.fits(change.oldPassword(), stored.password())) {
            throttle.failed(caller.user(), call.source());
            throw wrongCredentials();
        }
        String hash = passwords.hash(change.newPassword());
        database.write(handle -> {
            Users.put(handle, stored.user(), hash);
            sessions.endAll(handle, caller.user(), caller.session());
            audit.append(handle, caller.user(), call.source(), "password_changed", caller.user(), "");
            return null;
        });
        return null;
    }

    private User putUser(Call call) {
        String name = call.path("name");
        UserChange change = call.body(UserChange.class);
        @Nullable String newHash = change.password() == null ? null : passwords.hash(change.password());
        return database.write(handle -> {
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
