package dev.tocsin.profiles.alert;

/** Machine state of an alert; whether somebody acknowledged it is a human fact and is kept elsewhere. */
public enum AlertState {
    ACTIVE,
    CLEARED
}
