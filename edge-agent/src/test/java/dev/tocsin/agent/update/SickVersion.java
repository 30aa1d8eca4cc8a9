package dev.tocsin.agent.update;

import com.sun.net.httpserver.HttpServer;
import dev.tocsin.agent.observe.LocalHttp;
import dev.tocsin.profiles.bundle.Release;
import dev.tocsin.profiles.desired.DesiredJson;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Map;

/** A version that says it is well, twice, and then that it is not. */
final class SickVersion {
    private static final int WELL_ANSWERS = 2;

    private SickVersion() {}

    public static void main(String[] arguments) throws Exception {
        int port = 0;
        for (String argument : arguments) {
            if (argument.startsWith("--http.port=")) {
                port = Integer.parseInt(argument.substring("--http.port=".length()));
            }
        }
        String version = Release.of(Path.of(System.getProperty("tocsin.home"))).version();
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 4);
        int[] answers = {0};
        server.createContext("/health", exchange -> {
            boolean healthy = ++answers[0] <= WELL_ANSWERS;
            byte[] body = DesiredJson.write(new LocalHttp.Health(
                    healthy, Map.of("version", version, "uplink", "ok", "spool", healthy ? "ok" : "it hurts")));
            exchange.sendResponseHeaders(healthy ? 200 : 503, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
    }
}
