package dev.tocsin.cloud.http;

import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonArray;
import io.vertx.ext.web.RoutingContext;
import io.vertx.openapi.contract.Operation;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Lets a request through to its operation: origin, session, role, CSRF token, in this order. It stands in the route of
 * each operation and never looks at the path: whatever spelling of a path the router takes for an operation
 * ({@code //api}, {@code %61pi}, a trailing slash) meets that operation's check.
 */
final class Gate {
    private static final String COOKIE = "tocsin_session";
    private static final String CSRF_HEADER = "X-Tocsin-Csrf";
    private static final String ROLES = "x-roles";

    private final Doorkeeper doorkeeper;
    private final Set<String> origins;
    private final boolean secureCookie;

    /** @param origins allowed ones besides the API's own */
    Gate(Doorkeeper doorkeeper, Set<String> origins, boolean secureCookie) {
        this.doorkeeper = doorkeeper;
        this.origins = Set.copyOf(origins);
        this.secureCookie = secureCookie;
    }

    void check(RoutingContext context, Operation operation) {
        boolean changes = !operation.getHttpMethod().equals(HttpMethod.GET);
        if (changes && context.request().getHeader("Origin") != null) {
            requireOrigin(context);
        }
        JsonArray roles = roles(operation);
        if (roles != null) {
            Caller caller = caller(context);
            if (!roles.contains(caller.role().name())) {
                throw refusal(caller.role());
            }
            if (changes && !same(caller.csrf(), context.request().getHeader(CSRF_HEADER))) {
                throw new ApiException(
                        403,
                        "csrf",
                        CSRF_HEADER,
                        "The header " + CSRF_HEADER + " is missing or wrong. Load the page again.",
                        "缺少请求头 " + CSRF_HEADER + " 或其值不正确，请刷新页面。");
            }
            context.put(Call.CALLER, caller);
        }
        context.next();
    }

    /** The second lock: nothing answers for an operation that has roles unless {@link #check} let somebody in. */
    void requireChecked(RoutingContext context, Operation operation) {
        if (roles(operation) != null && context.get(Call.CALLER) == null) {
            throw loginRequired();
        }
    }

    /** @throws ApiException unless the request names an origin, and that is ours or a configured one */
    void requireOrigin(RoutingContext context) {
        String origin = context.request().getHeader("Origin");
        String host = context.request().getHeader("Host");
        boolean own = host != null && (("http://" + host).equals(origin) || ("https://" + host).equals(origin));
        if (origin == null || !(own || origins.contains(origin))) {
            throw new ApiException(
                    403,
                    "origin",
                    "Origin",
                    "The origin " + origin + " may not use this API. Open the console at the API's own address.",
                    "来源 " + origin + " 不允许访问此接口，请从系统自身的地址打开控制台。");
        }
    }

    void reply(RoutingContext context, Reply reply) {
        HttpServerResponse response = context.response();
        if (response.ended() || response.closed()) {
            return;
        }
        response.setStatusCode(reply.status()).putHeader("Cache-Control", "no-store");
        String cookie = reply.cookie();
        if (cookie != null) {
            response.addCookie(sessionCookie(cookie));
        }
        if (reply.text().isEmpty()) {
            response.end();
        } else {
            response.putHeader("Content-Type", reply.contentType()).end(reply.text());
        }
    }

    private Cookie sessionCookie(String token) {
        Cookie cookie = Cookie.cookie(COOKIE, token)
                .setHttpOnly(true)
                .setSameSite(CookieSameSite.STRICT)
                .setSecure(secureCookie)
                .setPath("/");
        return token.isEmpty() ? cookie.setMaxAge(0) : cookie;
    }

    private Caller caller(RoutingContext context) {
        Cookie cookie = context.request().getCookie(COOKIE);
        Caller caller = cookie == null ? null : doorkeeper.admit(cookie.getValue());
        if (caller == null) {
            throw loginRequired();
        }
        return caller;
    }

    /** Null for an operation that is open to everyone. */
    private static @Nullable JsonArray roles(Operation operation) {
        return operation.getExtensions().get(ROLES) instanceof JsonArray roles ? roles : null;
    }

    private static ApiException loginRequired() {
        return new ApiException(
                401, "login_required", "Nobody is logged in, or the session ended. Log in.", "尚未登录或会话已结束，请登录。");
    }

    private static ApiException refusal(Role role) {
        return role == Role.CREW
                ? new ApiException(
                        403, "role", "A maintenance crew cannot do this. Ask the duty officer.", "维护人员无权执行此操作，请联系值班员。")
                : new ApiException(403, "role", "Only an administrator can do this.", "只有管理员可以执行此操作。");
    }

    private static boolean same(String expected, @Nullable String given) {
        return given != null
                && MessageDigest.isEqual(
                        expected.getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
    }
}
