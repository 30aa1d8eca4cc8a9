package dev.tocsin.agent.identity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.Base64;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/** Asks the platform for certificates. The URL connection of the runtime does it: one request in days needs no more. */
final class EnrolmentClient {
    /** What is signed for a renewal begins so: a signature of this key for anything else is of no use there. */
    private static final byte[] RENEWAL = "tocsin renewal 1\n".getBytes(StandardCharsets.US_ASCII);

    private static final int TIMEOUT_MS = 10_000;
    private static final int MAX_ANSWER_BYTES = 64 * 1024;
    private static final int OK = 200;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final URI base;
    private final String gateway;

    /** What the platform signed, PEM. */
    record Issued(String certificate, String authorities) {}

    /** The platform answered, and it was no. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1L;
        private final String code;

        RefusedException(String code, String message) {
            super(message);
            this.code = code;
        }

        /** Of the API's contract. */
        String code() {
            return code;
        }
    }

    EnrolmentClient(URI base, String gateway) {
        this.base = base;
        this.gateway = gateway;
    }

    Issued enrol(PlatformTrust trust, String token, KeyPair keys) throws IOException, RefusedException {
        ObjectNode body = JSON.createObjectNode()
                .put("gateway", gateway)
                .put("token", token)
                .put("csr", IdentityFiles.pem("CERTIFICATE REQUEST", CertificationRequest.of(gateway, keys)));
        return post(trust, "/api/v1/enrol", body);
    }

    Issued renew(PlatformTrust trust, IdentityFiles.Identity current, KeyPair keys)
            throws IOException, RefusedException {
        byte[] request = CertificationRequest.of(gateway, keys);
        byte[] signature = CertificationRequest.sign(current.key(), RENEWAL, request);
        ObjectNode body = JSON.createObjectNode()
                .put("certificate", IdentityFiles.pem(current.certificate()))
                .put("csr", IdentityFiles.pem("CERTIFICATE REQUEST", request))
                .put("signature", Base64.getEncoder().encodeToString(signature));
        return post(trust, "/api/v1/enrol/renew", body);
    }

    private Issued post(PlatformTrust trust, String path, ObjectNode body) throws IOException, RefusedException {
        HttpsURLConnection connection =
                (HttpsURLConnection) base.resolve(path).toURL().openConnection();
        try {
            connection.setSSLSocketFactory(context(trust).getSocketFactory());
            connection.setConnectTimeout(TIMEOUT_MS);
            connection.setReadTimeout(TIMEOUT_MS);
            connection.setInstanceFollowRedirects(false);
            connection.setRequestMethod("POST");
            connection.setRequestProperty("Content-Type", "application/json");
            connection.setDoOutput(true);
            byte[] sent = JSON.writeValueAsBytes(body);
            connection.setFixedLengthStreamingMode(sent.length);
            connection.getOutputStream().write(sent);
            return answer(connection);
        } finally {
            connection.disconnect();
        }
    }

    private Issued answer(HttpsURLConnection connection) throws IOException, RefusedException {
        int status = connection.getResponseCode();
        try (InputStream in = status == OK ? connection.getInputStream() : connection.getErrorStream()) {
            byte[] bytes = in == null ? new byte[0] : in.readNBytes(MAX_ANSWER_BYTES);
            JsonNode answer = read(bytes);
            if (status != OK) {
                JsonNode error = answer.path("error");
                throw new RefusedException(
                        error.path("code").asText("http_" + status),
                        error.path("message").asText("the answer was HTTP " + status));
            }
            String certificate = answer.path("certificate").asText("");
            String authorities = answer.path("authorities").asText("");
            if (certificate.isEmpty() || authorities.isEmpty()) {
                throw new IOException(base + " answered without a certificate");
            }
            return new Issued(certificate, authorities);
        }
    }

    private static JsonNode read(byte[] bytes) {
        try {
            return JSON.readTree(bytes);
        } catch (IOException e) {
            // A proxy between answers in HTML; the status says enough.
            return JSON.createObjectNode();
        }
    }

    private static SSLContext context(PlatformTrust trust) throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {trust}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS: " + e.getMessage(), e);
        }
    }
}
