package dev.tocsin.agent;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** An authority and what it signed, as the PEM files of a site and as the key stores that the Java broker reads. */
public final class TestPki {
    private static final String PASSWORD = "changeit";

    private final Path folder;
    private final Path store;

    public TestPki(Path folder) throws IOException, InterruptedException {
        this.folder = Files.createDirectories(folder);
        store = folder.resolve("authority.p12");
        keytool("-genkeypair", "-alias", "ca", "-dname", "CN=ca of " + folder.getFileName(), "-ext", "bc:c", "EC");
    }

    /**
     * Signs a new certificate.
     *
     * @param names of a server, as {@code ip:127.0.0.1}; of a client, what it likes
     * @param keys EC or RSA
     */
    public Identity issue(String alias, String names, String keys) throws Exception {
        keytool("-genkeypair", "-alias", alias, "-signer", "ca", "-dname", "CN=" + alias, "-ext", "san=" + names, keys);
        return new Identity(pem(alias + ".pem", chain(alias)), keyFile(alias));
    }

    /** PEM files of one certificate and its key. */
    public record Identity(Path certificate, Path key) {
        public List<String> settings(String prefix) {
            return List.of("--" + prefix + ".certificate-file=" + certificate, "--" + prefix + ".key-file=" + key);
        }
    }

    public Path trust() throws Exception {
        return pem("ca.pem", List.of(load().getCertificate("ca")));
    }

    /** Parameters of an Artemis acceptor that shows this certificate and asks clients for one of the authority {@code of}. */
    public String acceptor(String alias, TestPki of) throws Exception {
        KeyStore own = KeyStore.getInstance("PKCS12");
        own.load(null, null);
        own.setKeyEntry(
                alias,
                load().getKey(alias, PASSWORD.toCharArray()),
                PASSWORD.toCharArray(),
                chain(alias).toArray(Certificate[]::new));
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("ca", of.load().getCertificate("ca"));
        return ";sslEnabled=true;needClientAuth=true;keyStoreType=PKCS12;trustStoreType=PKCS12;keyStorePassword="
                + PASSWORD + ";trustStorePassword=" + PASSWORD + ";keyStorePath=" + save(own, alias + ".p12")
                + ";trustStorePath=" + save(trusted, alias + "-trusts.p12");
    }

    private Path save(KeyStore keys, String name) throws Exception {
        Path file = folder.resolve(name);
        try (var out = Files.newOutputStream(file)) {
            keys.store(out, PASSWORD.toCharArray());
        }
        return file;
    }

    private List<Certificate> chain(String alias) throws Exception {
        return List.of(load().getCertificateChain(alias));
    }

    private KeyStore load() throws IOException, GeneralSecurityException {
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        return keys;
    }

    private Path pem(String name, List<Certificate> certificates) throws Exception {
        StringBuilder text = new StringBuilder();
        for (Certificate certificate : certificates) {
            text.append(block("CERTIFICATE", certificate.getEncoded()));
        }
        return Files.writeString(folder.resolve(name), text);
    }

    private Path keyFile(String alias) throws Exception {
        Key key = load().getKey(alias, PASSWORD.toCharArray());
        Path file = Files.writeString(folder.resolve(alias + ".key"), block("PRIVATE KEY", key.getEncoded()));
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    private static String block(String kind, byte[] der) {
        return "-----BEGIN " + kind + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der) + "\n-----END " + kind + "-----\n";
    }

    private void keytool(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-keystore",
                store.toString(),
                "-storetype",
                "PKCS12",
                "-storepass",
                PASSWORD,
                "-validity",
                "3650"));
        String keys = arguments[arguments.length - 1];
        command.addAll(List.of(arguments).subList(0, arguments.length - 1));
        command.addAll(
                keys.equals("EC") ? List.of("-keyalg", "EC", "-groupname", "secp256r1") : List.of("-keyalg", keys));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(command + ": " + said);
        }
    }
}
