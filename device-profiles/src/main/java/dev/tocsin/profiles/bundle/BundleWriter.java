package dev.tocsin.profiles.bundle;

import dev.tocsin.profiles.desired.DesiredJson;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.Signature;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** The vendor's side: makes a signed bundle of an image. */
public final class BundleWriter {
    private BundleWriter() {}

    /**
     * What the bundle may replace.
     *
     * @param from the lowest version
     * @param allowDowngrade whether also a higher version than its own
     */
    public record Terms(String from, boolean allowDowngrade) {}

    /**
     * Writes the bundle of an image; which release it is says its {@code release.json}. Links are followed.
     *
     * @throws BundleException when the image is none, or holds what no bundle may
     */
    public static BundleManifest write(Path image, Terms terms, PrivateKey key, Path bundle)
            throws BundleException, IOException {
        BundleManifest manifest = manifest(image, terms);
        byte[] bytes = DesiredJson.write(manifest);
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(bundle))) {
            add(zip, Bundle.MANIFEST, manifest.stamp(), out -> out.write(bytes));
            byte[] signature = sign(bytes, key);
            add(zip, Bundle.SIGNATURE, manifest.stamp(), out -> out.write(signature));
            for (BundleManifest.Item item : manifest.files()) {
                add(
                        zip,
                        Bundle.FILES + item.path(),
                        manifest.stamp(),
                        out -> Files.copy(image.resolve(item.path()), out));
            }
        }
        return manifest;
    }

    private interface Content {
        void into(OutputStream out) throws IOException;
    }

    private static void add(ZipOutputStream zip, String name, long stamp, Content content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setTime(stamp * 1_000);
        zip.putNextEntry(entry);
        content.into(zip);
        zip.closeEntry();
    }

    private static byte[] sign(byte[] manifest, PrivateKey key) throws BundleException {
        try {
            Signature signature = Signature.getInstance(BundleKeys.ALGORITHM);
            signature.initSign(key);
            signature.update(manifest);
            return signature.sign();
        } catch (GeneralSecurityException e) {
            throw new BundleException("the key cannot sign: " + e.getMessage(), e);
        }
    }

    private static BundleManifest manifest(Path image, Terms terms) throws BundleException, IOException {
        Release release = Release.of(image);
        List<BundleManifest.Item> items = new ArrayList<>();
        List<Path> files;
        try (Stream<Path> all = Files.walk(image, FileVisitOption.FOLLOW_LINKS)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        try {
            for (Path file : files) {
                String path = image.relativize(file).toString();
                items.add(new BundleManifest.Item(path, Files.size(file), hash(file), Files.isExecutable(file)));
            }
            long stamp = Files.getLastModifiedTime(image.resolve(Release.FILE)).toMillis() / 1_000;
            return new BundleManifest(
                    BundleManifest.FORMAT,
                    BundleManifest.NAME,
                    release.version(),
                    release.serial(),
                    terms.from(),
                    terms.allowDowngrade(),
                    stamp,
                    items);
        } catch (IllegalArgumentException e) {
            throw new BundleException("the image " + image + " makes no bundle: " + e.getMessage(), e);
        }
    }

    private static String hash(Path file) throws IOException {
        MessageDigest hash = Bundle.sha256();
        try (OutputStream out = new java.security.DigestOutputStream(OutputStream.nullOutputStream(), hash)) {
            Files.copy(file, out);
        }
        return Bundle.hex(hash);
    }
}
