package dev.tocsin.cloud.http;

import io.vertx.core.json.DecodeException;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.json.schema.OutputUnit;
import io.vertx.openapi.validation.SchemaValidationException;
import io.vertx.openapi.validation.ValidatorException;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Every failure becomes the contract's error. */
final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);
    /** The validator names the parameter in its message only. */
    private static final Pattern PARAMETER = Pattern.compile("(?:path|query|header|cookie) parameter ([^\\s.]+)");

    private Failures() {}

    static void answer(RoutingContext context) {
        send(context, error(context));
    }

    /** What fails before any route, and methods that a path does not have. */
    static void answerWhatNoRouteTook(Router router) {
        for (int status : new int[] {400, 404, 405, 406, 413, 415}) {
            router.errorHandler(status, Failures::answer);
        }
    }

    private static void send(RoutingContext context, ApiException error) {
        if (context.response().ended()
                || context.response().closed()
                || context.response().headWritten()) {
            return;
        }
        if (error.retryAfterSeconds() > 0) {
            context.response().putHeader("Retry-After", Long.toString(error.retryAfterSeconds()));
        }
        context.response()
                .setStatusCode(error.status())
                .putHeader("Content-Type", "application/json")
                .putHeader("Cache-Control", "no-store")
                .end(Json.write(error.body()));
    }

    private static ApiException error(RoutingContext context) {
        Throwable failure = context.failure();
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof ApiException error) {
                return error;
            }
            if (cause instanceof ValidatorException refused) {
                return refused(refused);
            }
            if (cause instanceof DecodeException) {
                return ApiException.invalid("/", "The body is not JSON.", "请求正文不是有效的 JSON。");
            }
        }
        String path = context.request().path();
        String method = context.request().method().name();
        return switch (context.statusCode()) {
            case 404 -> ApiException.notFound("There is no " + path, "不存在：" + path);
            case 405 ->
                new ApiException(405, "method_not_allowed", path + " has no " + method, path + " 不支持 " + method);
            case 413 -> new ApiException(413, "too_large", "/", "The body is larger than 64 KiB.", "请求正文超过 64 KiB。");
            case 400 -> ApiException.invalid("/", "The request cannot be read.", "请求无法读取。");
            default -> {
                LOG.error("{} {}", method, path, failure);
                yield new ApiException(
                        500,
                        "internal",
                        "The API failed at this request; the log says why. Try again, and tell the administrator.",
                        "服务处理此请求时出错，原因已记入日志。请重试并通知管理员。");
            }
        };
    }

    private static ApiException refused(ValidatorException refused) {
        String message = refused.getMessage() == null ? "the request does not fit the contract" : refused.getMessage();
        Matcher parameter = PARAMETER.matcher(message);
        String where = parameter.find() ? parameter.group(1) : pointer(refused);
        return ApiException.invalid(where, message, "请求不符合接口约定，位置 " + where + "：" + message);
    }

    private static String pointer(ValidatorException refused) {
        if (refused instanceof SchemaValidationException schema) {
            List<OutputUnit> errors = schema.getOutputUnit().getErrors();
            String location = errors == null || errors.isEmpty() ? null : deepest(errors);
            if (location != null) {
                return location.startsWith("#") ? location.substring(1) : location;
            }
        }
        return "/";
    }

    private static @Nullable String deepest(List<OutputUnit> errors) {
        String location = null;
        for (OutputUnit error : errors) {
            String one = error.getInstanceLocation();
            if (one != null && one.length() > 1 && (location == null || one.length() > location.length())) {
                location = one;
            }
        }
        return location;
    }
}
