package dev.tocsin.agent.update;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Serves bundles with ranges, and breaks off when it is told to. */
final class BundleServer implements AutoCloseable {
    /** Ranges that were asked for, {@code null} for all of it. */
    final List<String> asked = Collections.synchronizedList(new ArrayList<>());
    /** So many bytes of the next answer come, then the connection ends. */
    volatile int breakOffAfter = Integer.MAX_VALUE;

    private final HttpServer server;
    private final Map<String, Path> files = new ConcurrentHashMap<>();

    BundleServer() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4);
        server.createContext("/", this::answer);
        server.start();
    }

    String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** The path under which that file is served. */
    String serve(Path file) {
        String path = "/" + file.getFileName();
        files.put(path, file);
        return path;
    }

    private void answer(HttpExchange exchange) throws IOException {
        Path file = files.get(exchange.getRequestURI().getPath());
        if (file == null) {
            exchange.sendResponseHeaders(404, -1);
            exchange.close();
            return;
        }
        byte[] bytes = Files.readAllBytes(file);
        String range = exchange.getRequestHeaders().getFirst("Range");
        asked.add(String.valueOf(range));
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("\\D", ""));
        if (from > 0) {
            exchange.getResponseHeaders()
                    .set("Content-Range", "bytes " + from + "-" + (bytes.length - 1) + "/" + bytes.length);
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, bytes.length - from);
        int to = (int) Math.min(bytes.length, (long) from + breakOffAfter);
        breakOffAfter = Integer.MAX_VALUE;
        exchange.getResponseBody().write(Arrays.copyOfRange(bytes, from, to));
        exchange.close();
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
