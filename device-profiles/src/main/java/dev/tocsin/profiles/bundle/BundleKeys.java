package dev.tocsin.profiles.bundle;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Ed25519 keys in PEM files, as OpenSSL writes and reads them. */
public final class BundleKeys {
    public static final String ALGORITHM = "Ed25519";
    /** Ending of files with a public key. */
    public static final String PUBLIC = ".pub";

    private static final int MAX_KEYS = 16;

    private BundleKeys() {}

    public static KeyPair generate() {
        try {
            return KeyPairGenerator.getInstance(ALGORITHM).generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java lacks " + ALGORITHM, e);
        }
    }

    public static String pem(PrivateKey key) {
        return pem("PRIVATE KEY", key.getEncoded());
    }

    public static String pem(PublicKey key) {
        return pem("PUBLIC KEY", key.getEncoded());
    }

    private static String pem(String what, byte[] encoded) {
        return "-----BEGIN " + what + "-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(encoded) + "\n-----END " + what
                + "-----\n";
    }

    /** @throws BundleException when the file holds no private key */
    public static PrivateKey privateKey(Path file) throws BundleException, IOException {
        try {
            return KeyFactory.getInstance(ALGORITHM)
                    .generatePrivate(new PKCS8EncodedKeySpec(decode(file, "PRIVATE KEY")));
        } catch (GeneralSecurityException e) {
            throw new BundleException(file + " is no private " + ALGORITHM + " key: " + e.getMessage(), e);
        }
    }

    /** @throws BundleException when the file holds no public key */
    static PublicKey publicKey(Path file) throws BundleException, IOException {
        try {
            return KeyFactory.getInstance(ALGORITHM).generatePublic(new X509EncodedKeySpec(decode(file, "PUBLIC KEY")));
        } catch (GeneralSecurityException e) {
            throw new BundleException(file + " is no public " + ALGORITHM + " key: " + e.getMessage(), e);
        }
    }

    private static byte[] decode(Path file, String what) throws BundleException, IOException {
        String text = Files.readString(file).strip();
        String begin = "-----BEGIN " + what + "-----";
        String end = "-----END " + what + "-----";
        if (!text.startsWith(begin) || !text.endsWith(end)) {
            throw new BundleException(file + " does not hold a " + what + " in PEM");
        }
        try {
            return Base64.getMimeDecoder().decode(text.substring(begin.length(), text.length() - end.length()));
        } catch (IllegalArgumentException e) {
            throw new BundleException(file + " is not PEM: " + e.getMessage(), e);
        }
    }

    /**
     * The keys of every {@code .pub} file in the folders; one that does not exist holds none.
     *
     * @throws BundleException naming a file that is no key: an installation that is not what it seems trusts nobody
     */
    public static List<PublicKey> trusted(List<Path> folders) throws BundleException, IOException {
        List<PublicKey> keys = new ArrayList<>();
        for (Path folder : folders) {
            if (!Files.isDirectory(folder)) {
                continue;
            }
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + PUBLIC)) {
                for (Path file : files) {
                    keys.add(publicKey(file));
                }
            } catch (DirectoryIteratorException e) {
                throw e.getCause();
            }
        }
        if (keys.size() > MAX_KEYS) {
            throw new BundleException("more than " + MAX_KEYS + " keys in " + folders);
        }
        return keys;
    }
}
