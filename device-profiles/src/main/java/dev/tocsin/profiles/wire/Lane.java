package dev.tocsin.profiles.wire;

import java.util.Locale;

/** The last level of an uplink topic. Each lane has its own session, window and order. */
public enum Lane {
    /** Readings in order. */
    LIVE,
    /** Alerts that the agent itself raised, as JSON. */
    ALERT,
    /** What an outage left behind. */
    BACKLOG,
    /** Presence of the gateway, retained, with a last will. */
    STATUS,
    /** Input that nobody could digest. */
    REJECTED,
    /** Devices that reported without being enrolled. */
    SEEN,
    /** Results of commands. */
    REPLY;

    public String topicLevel() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** @throws IllegalArgumentException for a level that is no lane */
    public static Lane of(String topicLevel) {
        for (Lane lane : values()) {
            if (lane.topicLevel().equals(topicLevel)) {
                return lane;
            }
        }
        throw new IllegalArgumentException("no lane is called '" + topicLevel + "'");
    }
}
