package dev.tocsin.cloud.http;

import io.vertx.core.Vertx;
import io.vertx.core.file.OpenOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Bodies that are too large for memory, in and out. On the event loop. */
final class Transfers {
    /** The rest from a byte on; anything else that a Range may say is answered with the whole. */
    private static final Pattern REST = Pattern.compile("bytes=(\\d{1,15})-");

    private final Vertx vertx;

    Transfers(Vertx vertx) {
        this.vertx = vertx;
    }

    /** Receives the body into a file, and answers when it is there. */
    void receive(RoutingContext context, Call call, Routes.Route.Upload upload, Consumer<Reply> answer) {
        HttpServerRequest request = context.request();
        requireLength(request, upload.maxBytes());
        request.pause();
        Path file = temporary();
        vertx.fileSystem()
                .open(file.toString(), new OpenOptions().setWrite(true).setTruncateExisting(true))
                .compose(request::pipeTo)
                .compose(received ->
                        vertx.executeBlocking(() -> Reply.of(upload.receipt().to(call, file)), false))
                .onComplete(done -> {
                    vertx.executeBlocking(() -> Files.deleteIfExists(file), false);
                    if (done.succeeded()) {
                        answer.accept(done.result());
                    } else {
                        context.fail(done.cause());
                    }
                });
    }

    private static Path temporary() {
        try {
            return Files.createTempFile("tocsin-upload-", null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void requireLength(HttpServerRequest request, long maxBytes) {
        String length = request.getHeader("Content-Length");
        if (length == null || !length.matches("\\d{1,15}")) {
            throw new ApiException(
                    411,
                    "length_required",
                    "Content-Length",
                    "The length of the body is needed.",
                    "请求必须带有 Content-Length。");
        }
        if (Long.parseLong(length) > maxBytes) {
            throw new ApiException(
                    413,
                    "too_large",
                    "The body has " + length + " bytes; " + maxBytes + " may be.",
                    "请求体为 " + length + " 字节，最多 " + maxBytes + " 字节。");
        }
    }

    /** Sends a file, or the rest of it from where the client has it. */
    void send(RoutingContext context, Path file) {
        vertx.fileSystem()
                .props(file.toString())
                .onFailure(context::fail)
                .onSuccess(properties -> send(context, file, properties.size()));
    }

    private static void send(RoutingContext context, Path file, long size) {
        HttpServerResponse response = context.response();
        // Compressing what is compressed costs time, and a range of it would be one of something else.
        response.putHeader("Content-Type", "application/octet-stream").putHeader("Content-Encoding", "identity");
        response.putHeader("Accept-Ranges", "bytes");
        long from = from(context.request().getHeader("Range"));
        if (from > 0 && from < size) {
            response.setStatusCode(206).putHeader("Content-Range", "bytes " + from + "-" + (size - 1) + "/" + size);
        } else {
            from = 0;
        }
        response.sendFile(file.toString(), from, size - from).onFailure(context::fail);
    }

    private static long from(@Nullable String range) {
        Matcher matcher = REST.matcher(range == null ? "" : range);
        return matcher.matches() ? Long.parseLong(matcher.group(1)) : 0;
    }
}
