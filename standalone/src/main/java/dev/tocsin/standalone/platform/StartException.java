package dev.tocsin.standalone.platform;

/** The platform could not start; the message is one line for the person at the keyboard. */
public final class StartException extends Exception {
    private static final long serialVersionUID = 1L;

    public StartException(String message) {
        super(message);
    }
}
