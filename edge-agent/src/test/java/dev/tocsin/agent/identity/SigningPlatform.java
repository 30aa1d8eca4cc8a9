package dev.tocsin.agent.identity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;

/** The platform's side, with OpenSSL as its authority: what it signs, it has checked. */
final class SigningPlatform implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path folder;
    private final HttpsServer server;
    private final Path authority;
    final List<JsonNode> asked = new CopyOnWriteArrayList<>();
    /** The next answers, instead of a certificate: an error's code, or empty for one that is lost on its way. */
    final List<String> refusals = new CopyOnWriteArrayList<>();

    volatile int days = 7;

    /** @param tls of the server, signed by the authority in {@code authority} */
    SigningPlatform(Path folder, SSLContext tls, Path authority) throws Exception {
        this.folder = Files.createDirectories(folder);
        this.authority = authority;
        run("openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", "ca.key");
        run("openssl", "req", "-x509", "-new", "-key", "ca.key", "-subj", "/CN=signer", "-days", "9", "-out", "ca.pem");
        server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 8);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        server.createContext("/api/v1/enrol", this::answer);
        server.start();
    }

    String url() {
        return "https://127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            JsonNode body = JSON.readTree(exchange.getRequestBody());
            String refusal = refusals.isEmpty() ? null : refusals.remove(0);
            if (refusal != null && !refusal.isEmpty()) {
                asked.add(body);
                send(exchange, 403, "{\"error\":{\"code\":\"" + refusal + "\",\"message\":\"no\"}}");
                return;
            }
            String certificate = sign(body.get("csr").asText());
            asked.add(body);
            if (refusal == null) {
                send(
                        exchange,
                        200,
                        JSON.createObjectNode()
                                .put("certificate", certificate)
                                .put("authorities", Files.readString(authority))
                                .toString());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void send(HttpExchange exchange, int status, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    /** Refuses a request whose signature is not of its key, or whose name is not the gateway's. */
    private synchronized String sign(String csr) throws IOException, InterruptedException {
        Files.writeString(folder.resolve("csr.pem"), csr);
        String seen = run("openssl", "req", "-in", "csr.pem", "-noout", "-verify", "-subject", "-text");
        if (!seen.contains("self-signature verify OK") || !seen.contains("CN = gw-1") || !seen.contains("prime256v1")) {
            throw new IOException(seen);
        }
        return run(
                "openssl",
                "x509",
                "-req",
                "-in",
                "csr.pem",
                "-CA",
                "ca.pem",
                "-CAkey",
                "ca.key",
                "-CAcreateserial",
                "-days",
                Integer.toString(days));
    }

    String run(String... command) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(command));
        Process process = new ProcessBuilder(all)
                .directory(folder.toFile())
                .redirectError(folder.resolve("openssl.err").toFile())
                .start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        String err = Files.readString(folder.resolve("openssl.err"));
        if (process.waitFor() != 0) {
            throw new IOException(all + ": " + out + err);
        }
        return command[1].equals("req") ? out + err : out;
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
