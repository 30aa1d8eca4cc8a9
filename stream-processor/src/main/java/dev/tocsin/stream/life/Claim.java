package dev.tocsin.stream.life;

import dev.tocsin.profiles.alert.Alert;

/**
 * Somebody says that a matter exists ({@code alert} active) or is over (cleared).
 *
 * @param alert with the id that the claimant gives it; revision and {@code late} have no meaning yet
 * @param receivedAtMs when the cloud received what the claim rests on
 */
public record Claim(Holder holder, Alert alert, long receivedAtMs) {

    /** Who claims; an alert is active while anybody holds it. */
    public enum Holder {
        /** The agent, which judges the same readings where they arise. */
        EDGE(1),
        /** The detectors on live readings, and presence. */
        LIVE(4),
        /** The detectors on what an outage left behind. */
        BACKLOG(16);

        private final int bit;

        Holder(int bit) {
            this.bit = bit;
        }

        /** A bit of its own; claims on a drill have the one above. */
        int bit(boolean drill) {
            return drill ? bit << 1 : bit;
        }
    }

    /** What must not be open twice. */
    public String matter() {
        return alert.rule() + "\n" + alert.device();
    }
}
