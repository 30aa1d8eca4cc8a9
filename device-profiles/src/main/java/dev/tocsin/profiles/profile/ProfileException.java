package dev.tocsin.profiles.profile;

import java.util.List;

/** What is wrong with one profile, a line each; of very much, the first of it. */
public final class ProfileException extends Exception {
    private static final long serialVersionUID = 1L;
    private final List<String> errors;

    ProfileException(String sourceName, List<String> errors) {
        super(sourceName + ":\n  " + String.join("\n  ", errors));
        this.errors = List.copyOf(errors);
    }

    /** Each as {@code /path/in/the/file: what is wrong}. */
    public List<String> errors() {
        return errors;
    }
}
