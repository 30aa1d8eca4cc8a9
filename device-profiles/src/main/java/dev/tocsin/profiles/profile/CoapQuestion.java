package dev.tocsin.profiles.profile;

/**
 * What the agent asks of a device that is a CoAP server: the representation at a path, again and again.
 *
 * @param path without a leading slash
 * @param observe whether the device is asked to tell of changes by itself (RFC 7641); one that does not is asked again
 * @param everyMs how often it is asked, and after how long without a word an observed one is asked again; 1 s to 1 d
 */
public record CoapQuestion(String path, boolean observe, long everyMs) {
    private static final long MIN_EVERY_MS = 1_000;
    private static final long MAX_EVERY_MS = 86_400_000;

    public CoapQuestion {
        if (path.isEmpty() || path.startsWith("/") || path.matches(".*[{}+#?&].*") || path.length() > 200) {
            throw new IllegalArgumentException("'" + path
                    + "' is no path such as sensors/temperature, without a slash before it and places in it");
        }
        if (everyMs < MIN_EVERY_MS || everyMs > MAX_EVERY_MS) {
            throw new IllegalArgumentException("every must be 1s to 1d");
        }
        sourceOf(path);
    }

    /** As the decoder sees what a device answers: its id, then the path. */
    public SourcePattern source() {
        return sourceOf(path);
    }

    private static SourcePattern sourceOf(String path) {
        return SourcePattern.of("{device}/" + path);
    }

    /** Under which a bare value is read: the last level of the path. */
    public static String fieldOf(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
