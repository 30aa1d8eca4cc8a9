package dev.tocsin.standalone.broker;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/** An authority made by OpenSSL: certificates, keys and lists as another program than ours writes them. */
final class OpensslAuthority {
    private static final char[] PASSWORD = "secret".toCharArray();

    private final Path folder;

    OpensslAuthority(Path folder) throws Exception {
        this.folder = Files.createDirectories(folder);
        Files.writeString(folder.resolve("index.txt"), "");
        Files.writeString(folder.resolve("crlnumber"), "01\n");
        Files.writeString(folder.resolve("config"), """
                [ca]
                default_ca = default
                [default]
                database = index.txt
                crlnumber = crlnumber
                default_md = sha256
                default_crl_days = 7
                """);
        run(
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-keyout",
                "ca.key",
                "-out",
                "ca.pem",
                "-days",
                "30",
                "-subj",
                "/CN=authority of " + folder.getFileName());
    }

    static boolean isInstalled() {
        return Files.isExecutable(Path.of("/usr/bin/openssl"));
    }

    /** Makes {@code name.key} and {@code name.pem}. */
    void issue(String name, String extensions, int days) throws Exception {
        run(
                "req",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-keyout",
                name + ".key",
                "-out",
                name + ".csr",
                "-subj",
                "/CN=" + name);
        Files.writeString(folder.resolve(name + ".ext"), extensions + "\n");
        run(
                "x509",
                "-req",
                "-in",
                name + ".csr",
                "-CA",
                "ca.pem",
                "-CAkey",
                "ca.key",
                "-CAcreateserial",
                "-days",
                Integer.toString(days),
                "-extfile",
                name + ".ext",
                "-out",
                name + ".pem");
    }

    void issueGateway(String name) throws Exception {
        issue(name, "extendedKeyUsage=clientAuth", 7);
    }

    /** What the API puts beside the broker: the server's file and the authority's. */
    void installServer(Path identities) throws Exception {
        issue("server", "subjectAltName=IP:127.0.0.1\nextendedKeyUsage=serverAuth", 9);
        Files.createDirectories(identities);
        Files.writeString(identities.resolve("server.pem"), read("server.key") + read("server.pem") + read("ca.pem"));
        Files.setPosixFilePermissions(identities.resolve("server.pem"), PosixFilePermissions.fromString("rw-------"));
        Files.writeString(identities.resolve("ca.pem"), read("ca.pem"));
    }

    void revoke(String name) throws Exception {
        run("ca", "-config", "config", "-keyfile", "ca.key", "-cert", "ca.pem", "-revoke", name + ".pem");
    }

    String list() throws Exception {
        run("ca", "-config", "config", "-keyfile", "ca.key", "-cert", "ca.pem", "-gencrl", "-out", "crl.pem");
        return read("crl.pem");
    }

    /** Trusts this authority; shows the certificate of that name, or none. */
    SSLSocketFactory sockets(@Nullable String name) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        try (InputStream in = Files.newInputStream(folder.resolve("ca.pem"))) {
            trusted.setCertificateEntry(
                    "ca",
                    java.security.cert.CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(name == null ? null : keys(name).getKeyManagers(), trust.getTrustManagers(), null);
        return tls.getSocketFactory();
    }

    private KeyManagerFactory keys(String name) throws Exception {
        run(
                "pkcs12",
                "-export",
                "-in",
                name + ".pem",
                "-inkey",
                name + ".key",
                "-out",
                name + ".p12",
                "-passout",
                "pass:secret");
        KeyStore own = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve(name + ".p12"))) {
            own.load(in, PASSWORD);
        }
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(own, PASSWORD);
        return factory;
    }

    private String read(String file) throws IOException {
        return Files.readString(folder.resolve(file));
    }

    private void run(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command + ": " + said);
        }
    }
}
