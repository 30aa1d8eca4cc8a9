package dev.tocsin.agent.link;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Certificates and keys as OpenSSL writes them (RFC 7468). Every error names the file and what is wrong with it, none
 * quotes what it holds.
 */
final class PemFiles {
    /** A bundle of all public authorities has a fifth of it. */
    private static final long MAX_BYTES = 1024 * 1024;

    private static final String CERTIFICATE = "-----BEGIN CERTIFICATE-----";
    private static final String BEGIN_KEY = "-----BEGIN PRIVATE KEY-----";
    private static final String END_KEY = "-----END PRIVATE KEY-----";
    private static final Set<PosixFilePermission> OF_OWNER = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private PemFiles() {}

    /** At least one. */
    static List<X509Certificate> certificates(Path file) throws IOException {
        byte[] pem = read(file);
        if (!new String(pem, StandardCharsets.US_ASCII).contains(CERTIFICATE)) {
            throw new IOException(file + " holds no '" + CERTIFICATE + "'");
        }
        try {
            return CertificateFactory.getInstance("X.509").generateCertificates(new ByteArrayInputStream(pem)).stream()
                    .map(X509Certificate.class::cast)
                    .toList();
        } catch (CertificateException e) {
            throw new IOException(file + " holds a certificate that cannot be read: " + e.getMessage(), e);
        }
    }

    /** An EC or RSA key in a file that nobody but its owner may read. */
    static PrivateKey privateKey(Path file) throws IOException {
        String pem = new String(read(file), StandardCharsets.US_ASCII);
        refuseOpenFile(file);
        int begin = pem.indexOf(BEGIN_KEY);
        int end = pem.indexOf(END_KEY, Math.max(0, begin));
        if (begin < 0 || end < 0) {
            throw new IOException(file + " holds no '" + BEGIN_KEY + "' (PKCS#8, not encrypted; openssl pkcs8 -topk8"
                    + " -nocrypt makes it of others)");
        }
        PKCS8EncodedKeySpec encoded;
        try {
            encoded = new PKCS8EncodedKeySpec(
                    Base64.getMimeDecoder().decode(pem.substring(begin + BEGIN_KEY.length(), end)));
        } catch (IllegalArgumentException e) {
            throw new IOException(file + " holds a key that is not Base64", e);
        }
        for (String algorithm : List.of("EC", "RSA")) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(encoded);
            } catch (InvalidKeySpecException e) {
                // Of the other kind, or of neither.
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException("this Java runtime knows no " + algorithm + " keys", e);
            }
        }
        throw new IOException(file + " holds a key that is neither EC nor RSA, or is damaged");
    }

    private static void refuseOpenFile(Path file) throws IOException {
        PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
        if (view == null) {
            // A file system that knows no owner protects nothing; nor can it be asked to.
            return;
        }
        Set<PosixFilePermission> permissions = view.readAttributes().permissions();
        if (!OF_OWNER.containsAll(permissions)) {
            throw new IOException(file + " is a key that others may read (" + PosixFilePermissions.toString(permissions)
                    + "): chmod 600 it");
        }
    }

    /** Whether what the one signs, the other verifies. */
    static boolean belongTogether(PrivateKey secret, PublicKey known) throws GeneralSecurityException {
        if (!secret.getAlgorithm().equals(known.getAlgorithm())) {
            return false;
        }
        Signature signature =
                Signature.getInstance(secret.getAlgorithm().equals("EC") ? "SHA256withECDSA" : "SHA256withRSA");
        byte[] proof = "tocsin".getBytes(StandardCharsets.US_ASCII);
        try {
            signature.initSign(secret);
            signature.update(proof);
            byte[] signed = signature.sign();
            signature.initVerify(known);
            signature.update(proof);
            return signature.verify(signed);
        } catch (InvalidKeyException | SignatureException e) {
            // Of another curve or length.
            return false;
        }
    }

    /** Any small file of the configuration. */
    static byte[] read(Path file) throws IOException {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw new IOException(file + " is larger than " + MAX_BYTES + " bytes");
            }
            return Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new IOException(file + " does not exist", e);
        } catch (AccessDeniedException e) {
            throw new IOException(file + " may not be read by this process", e);
        }
    }
}
