package dev.tocsin.profiles.bundle;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a bundle holds, and what it may replace: the part that is signed.
 *
 * @param format of the bundle, {@value #FORMAT}
 * @param name of the program, {@value #NAME}
 * @param version see {@link Release}
 * @param serial see {@link Release}
 * @param from the lowest version that it may replace
 * @param allowDowngrade whether it may replace a higher version; never one with a higher serial
 * @param stamp time of change that every file gets, seconds since 1970: a class archive is valid for jars of its time only
 */
public record BundleManifest(
        int format,
        String name,
        String version,
        long serial,
        String from,
        boolean allowDowngrade,
        long stamp,
        List<Item> files) {

    public static final int FORMAT = 1;
    public static final String NAME = "tocsin-edge-agent";

    /** What a bundle may hold, unpacked. */
    public static final long MAX_BYTES = 256L << 20;

    public static final int MAX_FILES = 4_096;

    /** Relative, of plain names: no way out of the folder, and nothing that a shell or a terminal would take amiss. */
    private static final Pattern PATH =
            Pattern.compile("[A-Za-z0-9_+-][A-Za-z0-9._+-]*(/[A-Za-z0-9_+-][A-Za-z0-9._+-]*)*");

    private static final int MAX_PATH = 200;
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    /**
     * One file.
     *
     * @param size in bytes
     * @param sha256 of the content, 64 digits
     */
    public record Item(String path, long size, String sha256, boolean executable) {
        public Item {
            if (path == null || path.length() > MAX_PATH || !PATH.matcher(path).matches()) {
                throw new IllegalArgumentException("'" + path + "' is no path that a bundle may hold");
            }
            if (size < 0 || size > MAX_BYTES) {
                throw new IllegalArgumentException(path + " has the size " + size);
            }
            if (sha256 == null || !SHA256.matcher(sha256).matches()) {
                throw new IllegalArgumentException(path + " has no sha256 of 64 digits");
            }
        }
    }

    public BundleManifest {
        if (format != FORMAT) {
            throw new IllegalArgumentException("format " + format + " is not " + FORMAT + ", the one known here");
        }
        if (!NAME.equals(name)) {
            throw new IllegalArgumentException("it is a bundle of '" + name + "', not of " + NAME);
        }
        Release.requireVersion("version", version);
        Release.requireVersion("from", from);
        requireFiles(files);
        files = List.copyOf(files);
    }

    private static void requireFiles(@Nullable List<Item> files) {
        if (files == null || files.isEmpty() || files.size() > MAX_FILES) {
            throw new IllegalArgumentException("it holds no file, or more than " + MAX_FILES);
        }
        Set<String> paths = new HashSet<>();
        long bytes = 0;
        for (Item item : files) {
            if (!paths.add(item.path())) {
                throw new IllegalArgumentException(item.path() + " is in it twice");
            }
            bytes += item.size();
        }
        if (bytes > MAX_BYTES) {
            throw new IllegalArgumentException("it holds more than " + MAX_BYTES + " bytes");
        }
        if (!paths.contains(Release.FILE)) {
            throw new IllegalArgumentException("it lacks " + Release.FILE);
        }
    }

    public Release release() {
        return new Release(version, serial);
    }

    /** Of all files, in bytes. */
    public long bytes() {
        return files.stream().mapToLong(Item::size).sum();
    }
}
