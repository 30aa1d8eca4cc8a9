package dev.tocsin.stream.life;

import dev.tocsin.profiles.alert.Alert;

/**
 * Somebody says that a matter exists ({@code alert} active) or is over (cleared).
 *
 * @param alert with the id that the claimant gives it; revision and {@code late} have no meaning yet, except where the
 *     alert topic itself is the claimant
 * @param receivedAtMs when the cloud received what the claim rests on
 */
public record Claim(Holder holder, Alert alert, long receivedAtMs) {

    /** Who claims. */
    public enum Holder {
        /** The agent, which judges the same readings where they arise. */
        EDGE,
        /** The detectors on live readings, and presence. */
        LIVE,
        /** The detectors on what an outage left behind: what they find is over already, and claimed as cleared. */
        BACKLOG,
        /** Our own alert topic: what this job has published, also in a life that it does not remember. */
        TOPIC,
        /**
         * The alerts of the same place: what they mean for this one. They hold nothing; the alert is the one that was
         * heard, with what is said of it.
         */
        NEIGHBOURS
    }

    /** What must not be open twice. */
    public String matter() {
        return alert.rule() + "\n" + alert.device();
    }
}
