package dev.tocsin.agent.identity;

import dev.tocsin.agent.link.PemFiles;
import dev.tocsin.profiles.config.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The files of one identity. Certificate and key stand in one file, {@code identity.pem}, because only one file can be
 * replaced at once; {@code next.key} is the key that a certificate is being asked for, on the disk before it is asked, so
 * that whatever the platform signs is of a key that this gateway still has after a power cut. For one thread; others may
 * read the files at any time.
 */
final class IdentityFiles {
    private static final String BEGIN_PUBLIC = "-----BEGIN PUBLIC KEY-----";
    private static final String END_PUBLIC = "-----END PUBLIC KEY-----";

    private final Path folder;

    /**
     * Who this gateway is.
     *
     * @param certificate its own
     */
    record Identity(X509Certificate certificate, PrivateKey key) {}

    IdentityFiles(Path folder) {
        this.folder = folder;
    }

    /** Certificate and key, PEM. */
    Path identity() {
        return folder.resolve("identity.pem");
    }

    /** Whom the platform says to trust, PEM. */
    Path authorities() {
        return folder.resolve("ca.pem");
    }

    private Path nextKey() {
        return folder.resolve("next.key");
    }

    /** Null where there is none. */
    @Nullable
    Identity current() throws IOException {
        if (!Files.exists(identity())) {
            return null;
        }
        return new Identity(PemFiles.certificates(identity()).get(0), PemFiles.privateKey(identity()));
    }

    /** The key to ask a certificate for: the one of an attempt that came to nothing, or a new one. */
    KeyPair next(@Nullable Identity current) throws IOException {
        PrivateFile.folder(folder);
        if (Files.exists(nextKey())) {
            KeyPair kept = keyPair(nextKey());
            // It became the identity, and the power went before it was deleted.
            if (kept != null
                    && (current == null || !current.certificate().getPublicKey().equals(kept.getPublic()))) {
                return kept;
            }
        }
        KeyPair fresh = newKeys();
        PrivateFile.write(
                nextKey(),
                pem("PRIVATE KEY", fresh.getPrivate().getEncoded())
                        + pem("PUBLIC KEY", fresh.getPublic().getEncoded()));
        return fresh;
    }

    /**
     * Makes it the identity. Authorities first: a certificate without them could not be used.
     *
     * @throws IOException also when the certificate is of another key; then nothing is changed
     */
    X509Certificate keep(KeyPair keys, String certificatePem, String authoritiesPem) throws IOException {
        X509Certificate certificate =
                PemFiles.certificates(certificatePem, "the platform's answer").get(0);
        if (!certificate.getPublicKey().equals(keys.getPublic())) {
            throw new IOException("the platform signed another key than this gateway's");
        }
        PemFiles.certificates(authoritiesPem, "the platform's answer");
        byte[] authorities = authoritiesPem.getBytes(StandardCharsets.US_ASCII);
        if (!Files.exists(authorities()) || !Arrays.equals(Files.readAllBytes(authorities()), authorities)) {
            PrivateFile.write(authorities(), authorities);
        }
        PrivateFile.write(
                identity(),
                certificatePem + pem("PRIVATE KEY", keys.getPrivate().getEncoded()));
        Files.deleteIfExists(nextKey());
        return certificate;
    }

    private static KeyPair newKeys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java runtime has EC P-256", e);
        }
    }

    /** Null when it is damaged: nothing was signed for it that could be lost. */
    private static @Nullable KeyPair keyPair(Path file) throws IOException {
        String text = new String(PemFiles.read(file), StandardCharsets.US_ASCII);
        int begin = text.indexOf(BEGIN_PUBLIC);
        int end = text.indexOf(END_PUBLIC, Math.max(0, begin));
        if (begin < 0 || end < 0) {
            return null;
        }
        try {
            byte[] der = Base64.getMimeDecoder().decode(text.substring(begin + BEGIN_PUBLIC.length(), end));
            PublicKey known = KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(der));
            return new KeyPair(known, PemFiles.privateKey(file));
        } catch (GeneralSecurityException | IllegalArgumentException | IOException e) {
            return null;
        }
    }

    static String pem(String type, byte[] der) {
        String lines = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(der);
        return "-----BEGIN " + type + "-----\n" + lines + "\n-----END " + type + "-----\n";
    }

    /** The whole certificate as it was given, without the key. */
    static String pem(X509Certificate certificate) {
        try {
            return pem("CERTIFICATE", certificate.getEncoded());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that was read can be written", e);
        }
    }

    /** Of the platform, as far as this gateway was told it. */
    List<X509Certificate> knownAuthorities() throws IOException {
        return Files.exists(authorities()) ? PemFiles.certificates(authorities()) : List.of();
    }
}
