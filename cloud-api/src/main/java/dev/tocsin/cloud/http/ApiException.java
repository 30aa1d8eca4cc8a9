package dev.tocsin.cloud.http;

import dev.tocsin.profiles.profile.LocalText;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An answer that is an error, in both languages: what happened and what to do. */
public final class ApiException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String code;
    private final transient LocalText text;
    private final @Nullable String where;
    private transient @Nullable Object alert;
    private transient List<String> errors = List.of();
    private long retryAfterSeconds;

    public ApiException(int status, String code, String en, String zh) {
        this(status, code, null, en, zh);
    }

    /** @param where the parameter's name, or a JSON pointer into the body */
    public ApiException(int status, String code, @Nullable String where, String en, String zh) {
        super(code + ": " + en, null, false, false);
        this.status = status;
        this.code = code;
        this.where = where;
        this.text = new LocalText(en, zh);
    }

    public static ApiException invalid(String where, String en, String zh) {
        return new ApiException(400, "invalid_request", where, en, zh);
    }

    public static ApiException notFound(String en, String zh) {
        return new ApiException(404, "not_found", en, zh);
    }

    public static ApiException databaseUnavailable() {
        return new ApiException(
                503,
                "database_unavailable",
                "The database cannot be reached, so nothing was read or written. Live alerts still arrive. Try again in"
                        + " a moment; when it lasts, tell the administrator.",
                "数据库暂时无法访问，未读取也未写入任何内容。实时报警仍会到达。请稍后重试；若持续出现，请通知管理员。");
    }

    /** Adds everything that is wrong, each as {@code /json/pointer: what}; {@code where} names the first. */
    public ApiException withErrors(List<String> all) {
        errors = List.copyOf(all);
        return this;
    }

    /** Adds the alert as it is now. */
    public ApiException with(Object alertNow) {
        alert = alertNow;
        return this;
    }

    public ApiException retryAfter(long seconds) {
        retryAfterSeconds = seconds;
        return this;
    }

    public int status() {
        return status;
    }

    public String code() {
        return code;
    }

    long retryAfterSeconds() {
        return retryAfterSeconds;
    }

    Map<String, Object> body() {
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("code", code);
        error.put("message", text.en());
        error.put("messageZh", text.zh());
        if (where != null) {
            error.put("where", where);
        }
        if (!errors.isEmpty()) {
            error.put("errors", errors);
        }
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("error", error);
        if (alert != null) {
            body.put("alert", alert);
        }
        return body;
    }
}
