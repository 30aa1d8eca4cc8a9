package dev.tocsin.agent;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** A certificate authority of the test's own, by the JDK's keytool. */
final class Certificates {
    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final String STORE = "store.p12";

    private final Path folder;
    private final String name;

    /** A key with its certificate and the authority's. */
    record Identity(PrivateKey key, Certificate[] chain) {
        Path writeKey(Path file) throws IOException {
            return pem(file, "PRIVATE KEY", key.getEncoded());
        }

        Path writeCertificate(Path file) throws Exception {
            return pem(file, "CERTIFICATE", chain[0].getEncoded());
        }
    }

    Certificates(Path folder, String name) throws Exception {
        this.folder = Files.createDirectories(folder);
        this.name = name;
        keytool(
                "-genkeypair",
                "-alias",
                "ca",
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + name,
                "-ext",
                "bc:c",
                "-validity",
                "2");
    }

    Identity issue(String commonName) throws Exception {
        keytool(
                "-genkeypair",
                "-alias",
                commonName,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                "CN=" + commonName,
                "-signer",
                "ca",
                "-validity",
                "2",
                "-ext",
                "eku=clientAuth,serverAuth",
                "-ext",
                "ku=digitalSignature");
        KeyStore store = store();
        return new Identity((PrivateKey) store.getKey(commonName, PASSWORD), store.getCertificateChain(commonName));
    }

    Certificate certificate() throws Exception {
        return store().getCertificate("ca");
    }

    Path write(Path file) throws Exception {
        return pem(file, "CERTIFICATE", certificate().getEncoded());
    }

    private KeyStore store() throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(folder.resolve(STORE))) {
            store.load(in, PASSWORD);
        }
        return store;
    }

    private static Path pem(Path file, String what, byte[] encoded) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded);
        return Files.writeString(file, "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n");
    }

    private void keytool(String... arguments) throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(List.of(arguments));
        command.addAll(List.of(
                "-keystore",
                folder.resolve(STORE).toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                new String(PASSWORD)));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(name + ": keytool " + String.join(" ", arguments) + ": " + said);
        }
    }
}
