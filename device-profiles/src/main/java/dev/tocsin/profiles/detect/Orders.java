package dev.tocsin.profiles.detect;

/**
 * What a site orders of a rule for the time being, in event time (ms); 0 for nothing. Each ends by itself, so nobody
 * has to remember to lift it.
 *
 * @param suspendedUntilMs before it the condition does not hold, whatever the readings (shelved, ISA-18.2)
 * @param testUntilMs what is raised before it is a drill; what still holds then is raised anew, and in earnest
 * @param resetAtMs from it on a latching rule lets go of what it raised before it
 */
public record Orders(long suspendedUntilMs, long testUntilMs, long resetAtMs) {
    public static final Orders NONE = new Orders(0, 0, 0);

    boolean suspendsAt(long atMs) {
        return atMs < suspendedUntilMs;
    }

    boolean testsAt(long atMs) {
        return atMs < testUntilMs;
    }

    boolean resetsAt(long atMs, long raisedAtMs) {
        return resetAtMs > raisedAtMs && atMs >= resetAtMs;
    }
}
