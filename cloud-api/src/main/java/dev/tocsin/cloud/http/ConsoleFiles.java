package dev.tocsin.cloud.http;

import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** The console's built files from the class path; any path that is no file is a page of the console. */
final class ConsoleFiles {
    private static final Pattern FILE = Pattern.compile("(/[A-Za-z0-9_-][A-Za-z0-9._-]*)+\\.[a-z0-9]+");
    private static final String INDEX = "/index.html";
    private static final String HASHED = "/assets/";
    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("html", "text/html; charset=utf-8"),
            Map.entry("js", "text/javascript; charset=utf-8"),
            Map.entry("css", "text/css; charset=utf-8"),
            Map.entry("json", "application/json"),
            Map.entry("geojson", "application/geo+json"),
            Map.entry("webmanifest", "application/manifest+json"),
            Map.entry("svg", "image/svg+xml"),
            Map.entry("png", "image/png"),
            Map.entry("ico", "image/x-icon"),
            Map.entry("woff2", "font/woff2"),
            Map.entry("mp3", "audio/mpeg"),
            Map.entry("wav", "audio/wav"),
            Map.entry("txt", "text/plain; charset=utf-8"));

    private final Vertx vertx;
    /** Only files that exist are kept, so that the jar bounds it. */
    private final Map<String, Buffer> files = new ConcurrentHashMap<>();

    ConsoleFiles(Vertx vertx) {
        this.vertx = vertx;
    }

    void serve(RoutingContext context) {
        String path = context.request().path();
        boolean file = FILE.matcher(path).matches();
        String name = file ? path : INDEX;
        Buffer known = files.get(name);
        if (known != null) {
            send(context, name, known);
            return;
        }
        vertx.executeBlocking(() -> read(name), false)
                .onSuccess(content -> content.ifPresentOrElse(
                        bytes -> send(context, name, bytes), () -> context.fail(missing(path, file))))
                .onFailure(context::fail);
    }

    private Optional<Buffer> read(String name) {
        try (InputStream in = ConsoleFiles.class.getResourceAsStream("/console" + name)) {
            if (in == null) {
                return Optional.empty();
            }
            Buffer content = Buffer.buffer(in.readAllBytes());
            files.put(name, content);
            return Optional.of(content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void send(RoutingContext context, String name, Buffer content) {
        String type = TYPES.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "application/octet-stream");
        context.response()
                .putHeader("Content-Type", type)
                .putHeader(
                        "Cache-Control", name.startsWith(HASHED) ? "public, max-age=31536000, immutable" : "no-cache")
                .end(content);
    }

    private static ApiException missing(String path, boolean file) {
        return file
                ? ApiException.notFound("The console has no file " + path, "控制台没有文件 " + path)
                : ApiException.notFound(
                        "This build has no console. Build it without -Dconsole.skip.", "此版本未包含控制台，请重新构建。");
    }
}
