package dev.tocsin.profiles.settings;

import java.util.List;

/** All that is wrong with the settings of one gateway, a line each. */
public final class SettingsException extends Exception {
    private static final long serialVersionUID = 1L;
    private final List<String> errors;

    SettingsException(String sourceName, List<String> errors) {
        super(sourceName + ":\n  " + String.join("\n  ", errors));
        this.errors = List.copyOf(errors);
    }

    /** Each as {@code /path/in/the/text: what is wrong}. */
    public List<String> errors() {
        return errors;
    }
}
