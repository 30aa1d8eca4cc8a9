package dev.tocsin.profiles.alert;

/** From worst to least; the order of the constants is the order on the screen. */
public enum Severity {
    CRITICAL,
    MAJOR,
    MINOR,
    WARNING,
    INFO
}
