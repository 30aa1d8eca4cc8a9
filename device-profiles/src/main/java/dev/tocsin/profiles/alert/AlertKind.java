package dev.tocsin.profiles.alert;

/** The signal classes of fire and security systems. */
public enum AlertKind {
    ALARM,
    PRE_ALARM,
    SUPERVISORY,
    TROUBLE,
    SECURITY,
    TEST
}
