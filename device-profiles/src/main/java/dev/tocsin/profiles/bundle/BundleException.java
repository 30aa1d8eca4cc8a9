package dev.tocsin.profiles.bundle;

/** A bundle, or what belongs to one, that is not to be used; the message says why. */
public final class BundleException extends Exception {
    private static final long serialVersionUID = 1L;

    public BundleException(String message) {
        super(message);
    }

    public BundleException(String message, Throwable cause) {
        super(message, cause);
    }
}
