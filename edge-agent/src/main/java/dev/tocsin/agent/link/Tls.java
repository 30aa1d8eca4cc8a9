package dev.tocsin.agent.link;

import dev.tocsin.profiles.config.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * Whom a TLS connection trusts and who this gateway is there, as PEM files. They are read at every connect, so that a
 * renewed certificate needs no restart. Safe for any thread.
 *
 * @param trust certificates of the authorities that are trusted, and of no others; nothing for those that the Java
 *     runtime trusts
 * @param certificate this gateway's, then those between it and its authority; with {@code key} or not at all
 * @param key its private key, EC or RSA, PKCS#8; for the owner's eyes alone
 */
public record Tls(
        @Nullable Path trust,
        @Nullable Path certificate,
        @Nullable Path key) {
    /** Authorities of the Java runtime, no client certificate. */
    public static final Tls OF_RUNTIME = new Tls(null, null, null);

    private static final char[] IN_MEMORY = "in-memory".toCharArray();

    public Tls {
        if ((certificate == null) != (key == null)) {
            throw new IllegalArgumentException("a certificate file and a key file go together");
        }
    }

    /** Reads the three keys that begin with {@code prefix}. */
    static Tls from(Settings settings, String prefix) {
        Path trust = path(settings.optional(prefix + ".trust-file"));
        Path certificate = path(settings.optional(prefix + ".certificate-file"));
        Path key = path(settings.optional(prefix + ".key-file"));
        if ((certificate == null) != (key == null)) {
            settings.refuse("--" + prefix + ".certificate-file and --" + prefix + ".key-file go together");
            return new Tls(trust, null, null);
        }
        return new Tls(trust, certificate, key);
    }

    private static @Nullable Path path(@Nullable String text) {
        return text == null ? null : Path.of(text);
    }

    /** Whether any file is named. */
    boolean isConfigured() {
        return trust != null || certificate != null;
    }

    /**
     * Reads the files.
     *
     * @throws IOException naming the file and what is wrong with it
     */
    public SSLContext context() throws IOException {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keyManagers(), trustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS with " + this + ": " + e.getMessage(), e);
        }
    }

    private TrustManager @Nullable [] trustManagers() throws IOException, GeneralSecurityException {
        if (trust == null) {
            return null;
        }
        KeyStore store = empty();
        int number = 0;
        for (X509Certificate authority : PemFiles.certificates(trust)) {
            store.setCertificateEntry("authority-" + number++, authority);
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init(store);
        return factory.getTrustManagers();
    }

    private KeyManager @Nullable [] keyManagers() throws IOException, GeneralSecurityException {
        if (certificate == null || key == null) {
            return null;
        }
        List<X509Certificate> chain = PemFiles.certificates(certificate);
        PrivateKey secret = PemFiles.privateKey(key);
        if (!PemFiles.belongTogether(secret, chain.get(0).getPublicKey())) {
            throw new IOException("the key in " + key + " does not belong to the certificate in " + certificate);
        }
        KeyStore store = empty();
        store.setKeyEntry("gateway", secret, IN_MEMORY, chain.toArray(Certificate[]::new));
        KeyManagerFactory factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, IN_MEMORY);
        return factory.getKeyManagers();
    }

    private static KeyStore empty() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    /** The names of the files. */
    @Override
    public String toString() {
        String trusted = trust == null ? "the runtime's authorities" : "trust file " + trust;
        return certificate == null ? trusted : trusted + ", certificate " + certificate;
    }
}
