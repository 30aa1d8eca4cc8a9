package dev.tocsin.profiles.bundle;

import dev.tocsin.profiles.desired.DesiredJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which program an image is: {@code release.json} at its root.
 *
 * @param version one to four numbers with dots and, after a dash, what comes before that version ({@code 1.2.0-rc1})
 * @param serial grows with every bundle that is signed; two bundles of one version differ in it
 */
public record Release(String version, long serial) {
    public static final String FILE = "release.json";
    private static final Pattern FORM = Pattern.compile("\\d{1,9}(\\.\\d{1,9}){0,3}(-[0-9A-Za-z.]{1,32})?");

    public Release {
        requireVersion("version", version);
        if (serial < 0) {
            throw new IllegalArgumentException("serial " + serial + " is negative");
        }
    }

    /** @throws IllegalArgumentException when it is no version */
    static void requireVersion(String what, @Nullable String version) {
        if (version == null || !FORM.matcher(version).matches()) {
            throw new IllegalArgumentException(what + " '" + version + "' is not of the form 1.2.3 or 1.2.3-rc1");
        }
    }

    /**
     * That of the image in a folder.
     *
     * @throws BundleException when it cannot be read
     */
    public static Release of(Path image) throws BundleException {
        Path file = image.resolve(FILE);
        try {
            return DesiredJson.read(Files.readAllBytes(file), Release.class);
        } catch (IOException | IllegalArgumentException e) {
            throw new BundleException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    /** By version alone: numbers by value, and what comes before a version is lower than it. */
    public static int compare(String one, String other) {
        int dashOne = one.indexOf('-');
        int dashOther = other.indexOf('-');
        String[] a = (dashOne < 0 ? one : one.substring(0, dashOne)).split("\\.");
        String[] b = (dashOther < 0 ? other : other.substring(0, dashOther)).split("\\.");
        for (int i = 0; i < Math.max(a.length, b.length); i++) {
            int difference = Integer.compare(number(a, i), number(b, i));
            if (difference != 0) {
                return difference;
            }
        }
        if (dashOne < 0 || dashOther < 0) {
            return Boolean.compare(dashOne < 0, dashOther < 0);
        }
        return one.substring(dashOne).compareTo(other.substring(dashOther));
    }

    private static int number(String[] numbers, int i) {
        return i < numbers.length ? Integer.parseInt(numbers[i]) : 0;
    }
}
