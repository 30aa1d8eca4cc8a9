package dev.tocsin.profiles.site;

import java.util.List;

/** All that is wrong with one rule set, a line each. */
public final class RuleSetException extends Exception {
    private static final long serialVersionUID = 1L;
    private final List<String> errors;

    RuleSetException(String sourceName, List<String> errors) {
        super(sourceName + ":\n  " + String.join("\n  ", errors));
        this.errors = List.copyOf(errors);
    }

    /** Each as {@code /path/in/the/text: what is wrong}. */
    public List<String> errors() {
        return errors;
    }
}
