package dev.tocsin.cloud.http;

import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import io.vertx.core.net.ServerSSLOptions;
import io.vertx.ext.web.Router;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;

/** The second listener: TLS, open to the network of the gateways, and of the API only what is theirs. */
public final class GatewayListener {
    private final HttpServer server;

    GatewayListener(HttpServer server) {
        this.server = server;
    }

    static HttpServerOptions options(String host, int port, Path pem) {
        return new HttpServerOptions()
                .setHost(host)
                .setPort(port)
                .setSsl(true)
                .setKeyCertOptions(keys(pem))
                .setEnabledSecureTransportProtocols(Set.of("TLSv1.2", "TLSv1.3"));
    }

    /** Compared with the path as it was sent: no spelling of another one gets through. */
    static void pass(HttpServerRequest request, List<String> paths, Router router) {
        if (paths.contains(request.path())) {
            router.handle(request);
        } else {
            request.response().setStatusCode(404).end();
        }
    }

    public int port() {
        return server.actualPort();
    }

    /** Shows the certificate that the file holds now to whoever connects from now on. */
    public void renewed(Path pem) {
        server.updateSSLOptions(new ServerSSLOptions().setKeyCertOptions(keys(pem)), true);
    }

    private static PemKeyCertOptions keys(Path pem) {
        return new PemKeyCertOptions().setKeyPath(pem.toString()).setCertPath(pem.toString());
    }
}
