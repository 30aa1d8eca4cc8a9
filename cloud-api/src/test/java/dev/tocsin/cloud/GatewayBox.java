package dev.tocsin.cloud;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** A gateway with a key of its own, that trusts the one authority. */
final class GatewayBox {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final String base;
    private final HttpClient http;
    private final String gateway;
    KeyPair keys = newKeys("EC", 256);
    String certificate;

    record Answer(int status, JsonNode body) {
        String code() {
            return body.path("error").path("code").asText();
        }
    }

    GatewayBox(String base, String authorities, String gateway) throws Exception {
        this.base = base;
        this.gateway = gateway;
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", certificate(authorities));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(null, trust.getTrustManagers(), null);
        http = HttpClient.newBuilder().sslContext(tls).build();
    }

    static KeyPair newKeys(String algorithm, int size) throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance(algorithm);
        generator.initialize(size);
        return generator.generateKeyPair();
    }

    static X509Certificate certificate(String pem) throws Exception {
        return (X509Certificate) CertificateFactory.getInstance("X.509")
                .generateCertificate(new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    /** @param signer whose signature it carries: another one's proves nothing */
    static byte[] request(String name, KeyPair keys, KeyPair signer) throws Exception {
        String algorithm = signer.getPrivate().getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA";
        return new JcaPKCS10CertificationRequestBuilder(new X500Principal("CN=" + name), keys.getPublic())
                .build(new JcaContentSignerBuilder(algorithm).build(signer.getPrivate()))
                .getEncoded();
    }

    static String pem(byte[] request) {
        return "-----BEGIN CERTIFICATE REQUEST-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(request)
                + "\n-----END CERTIFICATE REQUEST-----\n";
    }

    Answer enrol(String token) throws Exception {
        return enrol(token, pem(request(gateway, keys, keys)));
    }

    Answer enrol(String token, String csr) throws Exception {
        return keep(post(
                "/api/v1/enrol",
                JSON.createObjectNode()
                        .put("gateway", gateway)
                        .put("token", token)
                        .put("csr", csr)
                        .toString()));
    }

    /** With a new key, as an agent does; the one before signs for it. */
    Answer renew() throws Exception {
        return renew(newKeys("EC", 256));
    }

    Answer renew(KeyPair next) throws Exception {
        byte[] csr = request(gateway, next, next);
        Answer answer = renew(csr, sign(keys, csr));
        if (answer.status() == 200) {
            keys = next;
        }
        return answer;
    }

    Answer renew(byte[] csr, byte[] signature) throws Exception {
        return keep(post(
                "/api/v1/enrol/renew",
                JSON.createObjectNode()
                        .put("certificate", certificate)
                        .put("csr", pem(csr))
                        .put("signature", Base64.getEncoder().encodeToString(signature))
                        .toString()));
    }

    static byte[] sign(KeyPair keys, byte[] csr) throws Exception {
        Signature signature = Signature.getInstance("SHA256withECDSA");
        signature.initSign(keys.getPrivate());
        signature.update("tocsin renewal 1\n".getBytes(StandardCharsets.US_ASCII));
        signature.update(csr);
        return signature.sign();
    }

    private Answer keep(Answer answer) {
        if (answer.status() == 200) {
            certificate = answer.body().get("certificate").asText();
        }
        return answer;
    }

    int status(String path) throws Exception {
        return http.send(
                        HttpRequest.newBuilder(URI.create(base + path)).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    private Answer post(String path, String body) throws Exception {
        HttpResponse<String> response = http.send(
                HttpRequest.newBuilder(URI.create(base + path))
                        .header("Content-Type", "application/json")
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
        return new Answer(response.statusCode(), JSON.readTree(response.body()));
    }
}
