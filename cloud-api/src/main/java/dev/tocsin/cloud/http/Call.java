package dev.tocsin.cloud.http;

import io.vertx.ext.web.RoutingContext;
import io.vertx.openapi.validation.RequestParameter;
import io.vertx.openapi.validation.ValidatedRequest;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One request that fits the contract. */
public final class Call {
    static final String CALLER = "tocsin.caller";

    private final RoutingContext context;
    private final @Nullable ValidatedRequest request;

    Call(RoutingContext context, @Nullable ValidatedRequest request) {
        this.context = context;
        this.request = request;
    }

    /** A parameter of the path. */
    public String path(String name) {
        return Objects.requireNonNull(context.pathParam(name), name);
    }

    public @Nullable String query(String name) {
        RequestParameter value = parameter(name);
        return value == null ? null : String.valueOf(value.get());
    }

    /** As the client wrote it, for a WebSocket, whose request is not validated. */
    public @Nullable String unchecked(String name) {
        return context.request().getParam(name);
    }

    public String query(String name, String otherwise) {
        String value = query(name);
        return value == null ? otherwise : value;
    }

    public int query(String name, int otherwise) {
        RequestParameter value = parameter(name);
        return value == null ? otherwise : value.getInteger();
    }

    public @Nullable Instant queryTime(String name) {
        String value = query(name);
        if (value == null) {
            return null;
        }
        try {
            return Instant.parse(value);
        } catch (java.time.DateTimeException e) {
            throw ApiException.invalid(name, "'" + value + "' is no time: " + e.getMessage(), "“" + value + "”不是有效时间");
        }
    }

    /** The values of a parameter that is a list; empty when it is absent. */
    public List<String> queryList(String name) {
        RequestParameter value = parameter(name);
        return value == null
                ? List.of()
                : value.getJsonArray().stream().map(String::valueOf).toList();
    }

    public <T> T body(Class<T> type) {
        return Json.read(context.body().asString(), type);
    }

    /** The body as it was sent. */
    public String text() {
        String text = context.body().asString();
        return text == null ? "" : text;
    }

    /** Only for operations that need a session. */
    public Caller caller() {
        return Objects.requireNonNull(context.get(CALLER), "the operation is open to everyone");
    }

    /** The address that the request came from. */
    public String source() {
        return context.request().remoteAddress().hostAddress();
    }

    private @Nullable RequestParameter parameter(String name) {
        RequestParameter value = request == null ? null : request.getQuery().get(name);
        return value == null || value.isNull() ? null : value;
    }
}
