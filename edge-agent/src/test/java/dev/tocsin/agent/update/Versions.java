package dev.tocsin.agent.update;

import dev.tocsin.profiles.bundle.Bundle;
import dev.tocsin.profiles.bundle.BundleKeys;
import dev.tocsin.profiles.bundle.BundleWriter;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.UpdateOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.MessageDigest;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** Images and bundles of versions that differ in what they do, all of the classes that are being tested. */
final class Versions {
    static final String GATEWAY = "gw-1";
    /** The agent itself. */
    static final String WELL = "exec java $OPTIONS dev.tocsin.agent.AgentCommand \"$@\"";
    /** Ends at once when it is to run. */
    static final String CRASHES = "[ \"$1\" = run ] && exit 1; " + WELL;
    /** Says that it is well, for some seconds. */
    static final String TURNS_SICK =
            "[ \"$1\" = run ] && exec java $OPTIONS dev.tocsin.agent.update.SickVersion \"$@\"; " + WELL;
    /** Answers nobody and does not end. */
    static final String HANGS = "[ \"$1\" = run ] && exec sleep 600; " + WELL;
    /** No Java at all: says who runs, which is enough where only the choice matters. */
    static final String SAYS_ITS_NAME = "[ \"$1\" != run ] || echo RUNS $(cat \"$home/release.json\") ; exit 0";

    final KeyPair vendor = BundleKeys.generate();
    private final Path folder;
    private long order;

    Versions(Path folder) {
        this.folder = folder;
    }

    Path image(String version, long serial, String does) throws Exception {
        Path image = Files.createDirectories(folder.resolve("image-" + version + "-" + serial));
        Path start = Files.createDirectories(image.resolve("bin")).resolve("edge-agent");
        Files.writeString(
                start,
                "#!/bin/sh\nhome=$(CDPATH='' cd -- \"$(dirname \"$0\")/..\" && pwd -P)\n"
                        + "OPTIONS=\"-Xmx48m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Dtocsin.home=$home -cp "
                        + System.getProperty("java.class.path") + "\"\n" + does + "\n");
        Files.setPosixFilePermissions(start, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.writeString(image.resolve("release.json"), "{\"version\":\"" + version + "\",\"serial\":" + serial + "}");
        Files.writeString(
                Files.createDirectories(image.resolve("keys")).resolve("vendor.pub"),
                BundleKeys.pem(vendor.getPublic()));
        return image;
    }

    Path bundle(String version, long serial, String does) throws Exception {
        return bundle(version, serial, does, new BundleWriter.Terms("0.0.0", false), vendor);
    }

    Path bundle(String version, long serial, String does, BundleWriter.Terms terms, KeyPair key) throws Exception {
        Path bundle = folder.resolve(version + "-" + serial + ".bundle");
        BundleWriter.write(image(version, serial, does), terms, key.getPrivate(), bundle);
        return bundle;
    }

    /** The same bundle with other content, or another name, of some entries. */
    static Path altered(Path bundle, UnaryOperator<String> name, UnaryOperator<byte[]> releaseFile) throws Exception {
        Path altered = bundle.resolveSibling("altered-" + bundle.getFileName());
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(bundle));
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(altered))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                byte[] content = in.readAllBytes();
                out.putNextEntry(new ZipEntry(name.apply(entry.getName())));
                out.write(entry.getName().equals("files/release.json") ? releaseFile.apply(content) : content);
                out.closeEntry();
            }
        }
        return altered;
    }

    /** A bundle whose manifest names a file outside of its folder, signed all the same. */
    Path climbing(String version) throws Exception {
        Path bundle = bundle(version, 50, WELL);
        Path climbing = bundle.resolveSibling("climbing.bundle");
        byte[] manifest;
        try (Bundle opened = Bundle.open(bundle)) {
            manifest = new String(DesiredJson.write(opened.manifest()), java.nio.charset.StandardCharsets.UTF_8)
                    .replace("\"bin/edge-agent\"", "\"../../climbed\"")
                    .getBytes(java.nio.charset.StandardCharsets.UTF_8);
        }
        java.security.Signature signature = java.security.Signature.getInstance(BundleKeys.ALGORITHM);
        signature.initSign(vendor.getPrivate());
        signature.update(manifest);
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(bundle));
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(climbing))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                byte[] content = in.readAllBytes();
                out.putNextEntry(new ZipEntry(entry.getName().replace("bin/edge-agent", "../../climbed")));
                out.write(
                        switch (entry.getName()) {
                            case "manifest.json" -> manifest;
                            case "manifest.sig" -> signature.sign();
                            default -> content;
                        });
                out.closeEntry();
            }
        }
        return climbing;
    }

    /** The next order, of a bundle that is served. */
    UpdateOrder order(String version, Path bundle, BundleServer server) throws Exception {
        byte[] bytes = Files.readAllBytes(bundle);
        MessageDigest hash = Bundle.sha256();
        hash.update(bytes);
        return new UpdateOrder(++order, GATEWAY, version, server.serve(bundle), bytes.length, Bundle.hex(hash));
    }
}
