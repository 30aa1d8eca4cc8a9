package dev.tocsin.agent.identity;

import dev.tocsin.agent.link.PemFiles;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Trusts the platform's authority and no other: the one that this gateway was told, the one of a file, or the one that
 * shows itself with the fingerprint that an administrator gave. Safe for any thread.
 */
final class PlatformTrust implements X509TrustManager {
    private final List<X509Certificate> known;
    private final @Nullable String fingerprint;

    private PlatformTrust(List<X509Certificate> known, @Nullable String fingerprint) {
        this.known = List.copyOf(known);
        this.fingerprint = fingerprint;
    }

    /** Reads the files anew. */
    static PlatformTrust of(IdentityConfig config, IdentityFiles files) throws IOException {
        List<X509Certificate> known = new ArrayList<>(files.knownAuthorities());
        if (config.caFile() != null) {
            known.addAll(PemFiles.certificates(config.caFile()));
        }
        return new PlatformTrust(known, config.caFingerprint());
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        List<X509Certificate> trusted = new ArrayList<>(known);
        for (X509Certificate shown : chain) {
            if (fingerprint != null && isFingerprinted(shown)) {
                trusted.add(shown);
            }
        }
        if (trusted.isEmpty()) {
            throw new CertificateException("none of the certificates shown has the fingerprint " + fingerprint);
        }
        delegate(trusted).checkServerTrusted(chain, authType);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        throw new CertificateException("this is the client");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return known.toArray(X509Certificate[]::new);
    }

    private boolean isFingerprinted(X509Certificate certificate) throws CertificateException {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded());
            return HexFormat.of().formatHex(hash).equals(fingerprint);
        } catch (GeneralSecurityException e) {
            throw new CertificateException(e);
        }
    }

    private static X509TrustManager delegate(List<X509Certificate> trusted) throws CertificateException {
        try {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            for (int i = 0; i < trusted.size(); i++) {
                store.setCertificateEntry("authority-" + i, trusted.get(i));
            }
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return (X509TrustManager) factory.getTrustManagers()[0];
        } catch (GeneralSecurityException | IOException e) {
            throw new CertificateException(e);
        }
    }
}
