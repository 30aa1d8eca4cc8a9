package dev.tocsin.profiles.bundle;

import dev.tocsin.profiles.desired.DesiredJson;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.Signature;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * A bundle: a ZIP of {@code manifest.json}, its Ed25519 signature {@code manifest.sig}, and below {@code files/} exactly
 * the files that the manifest names. Nothing but the manifest says what is written, and where. For one thread.
 */
public final class Bundle implements AutoCloseable {
    static final String MANIFEST = "manifest.json";
    static final String SIGNATURE = "manifest.sig";
    static final String FILES = "files/";
    private static final int MAX_MANIFEST_BYTES = 1 << 20;
    private static final int SIGNATURE_BYTES = 64;
    private static final int BUFFER_BYTES = 64 * 1024;

    private final ZipFile zip;
    private final Map<String, ZipEntry> entries;
    private final byte[] manifestBytes;
    private final byte[] signature;
    private final BundleManifest manifest;

    private Bundle(ZipFile zip) throws BundleException, IOException {
        this.zip = zip;
        entries = entries(zip);
        manifestBytes = small(MANIFEST, MAX_MANIFEST_BYTES);
        signature = small(SIGNATURE, SIGNATURE_BYTES);
        try {
            manifest = DesiredJson.read(manifestBytes, BundleManifest.class);
        } catch (IllegalArgumentException e) {
            throw new BundleException("its manifest: " + e.getMessage(), e);
        }
        requireSameFiles();
    }

    /**
     * Opens a bundle and reads its manifest; nobody has said yet that it is to be trusted.
     *
     * @throws BundleException when it is none, or holds other files than it says
     */
    public static Bundle open(Path file) throws BundleException, IOException {
        ZipFile zip;
        try {
            zip = new ZipFile(file.toFile());
        } catch (java.util.zip.ZipException e) {
            throw new BundleException("it is no ZIP file: " + e.getMessage(), e);
        }
        try {
            return new Bundle(zip);
        } catch (BundleException | IOException | RuntimeException e) {
            zip.close();
            throw e;
        }
    }

    private static Map<String, ZipEntry> entries(ZipFile zip) throws BundleException {
        if (zip.size() > BundleManifest.MAX_FILES + 2) {
            throw new BundleException("it holds more than " + BundleManifest.MAX_FILES + " files");
        }
        Map<String, ZipEntry> entries = new HashMap<>();
        for (ZipEntry entry : Collections.list(zip.entries())) {
            if (entries.put(entry.getName(), entry) != null) {
                throw new BundleException("'" + entry.getName() + "' is in it twice");
            }
        }
        return entries;
    }

    private void requireSameFiles() throws BundleException {
        Set<String> rest = new HashSet<>(entries.keySet());
        rest.remove(MANIFEST);
        rest.remove(SIGNATURE);
        for (BundleManifest.Item item : manifest.files()) {
            if (!rest.remove(FILES + item.path())) {
                throw new BundleException("it lacks " + item.path() + ", which its manifest names");
            }
        }
        if (!rest.isEmpty()) {
            throw new BundleException("it holds '" + rest.iterator().next() + "', which its manifest does not name");
        }
    }

    private byte[] small(String name, int maxBytes) throws BundleException, IOException {
        ZipEntry entry = entries.get(name);
        if (entry == null) {
            throw new BundleException("it lacks " + name);
        }
        try (InputStream in = zip.getInputStream(entry)) {
            byte[] bytes = in.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                throw new BundleException(name + " is longer than " + maxBytes + " bytes");
            }
            return bytes;
        }
    }

    public BundleManifest manifest() {
        return manifest;
    }

    /** Whether one of the keys signed the manifest. */
    public boolean isSignedByOneOf(List<PublicKey> keys) {
        return keys.stream().anyMatch(this::isSignedBy);
    }

    private boolean isSignedBy(PublicKey key) {
        try {
            Signature check = Signature.getInstance(BundleKeys.ALGORITHM);
            check.initVerify(key);
            check.update(manifestBytes);
            return check.verify(signature);
        } catch (GeneralSecurityException e) {
            // A signature of the wrong length or form is a wrong signature.
            return false;
        }
    }

    /**
     * Writes one file.
     *
     * @throws BundleException when its size or its hash is not what the manifest says; some of it is written then
     */
    public void copy(BundleManifest.Item item, OutputStream out) throws BundleException, IOException {
        ZipEntry entry = entries.get(FILES + item.path());
        if (entry == null) {
            throw new BundleException("it lacks " + item.path());
        }
        MessageDigest hash = sha256();
        long left = item.size();
        byte[] buffer = new byte[BUFFER_BYTES];
        try (InputStream in = zip.getInputStream(entry)) {
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                left -= read;
                if (left < 0) {
                    throw new BundleException(item.path() + " is longer than its manifest says");
                }
                hash.update(buffer, 0, read);
                out.write(buffer, 0, read);
            }
        } catch (java.util.zip.ZipException e) {
            throw new BundleException(item.path() + " is damaged: " + e.getMessage(), e);
        }
        if (left != 0 || !hex(hash).equals(item.sha256())) {
            throw new BundleException(item.path() + " is not what its manifest says");
        }
    }

    /** Reads every file, and writes none. */
    public void requireIntact() throws BundleException, IOException {
        for (BundleManifest.Item item : manifest.files()) {
            copy(item, OutputStream.nullOutputStream());
        }
    }

    public static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    public static String hex(MessageDigest finished) {
        return HexFormat.of().formatHex(finished.digest());
    }

    @Override
    public void close() throws IOException {
        zip.close();
    }
}
