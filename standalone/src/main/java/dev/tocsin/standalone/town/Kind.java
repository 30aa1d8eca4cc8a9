package dev.tocsin.standalone.town;

import java.util.Locale;

/** The kinds of devices that stand in the town, each a built-in profile. */
enum Kind {
    HEAT("heat-en54-a1r", "heat detector", "感温探测器", 5),
    SMOKE("zigbee2mqtt-smoke", "smoke detector", "感烟探测器", 20),
    ROOM("senml-room", "room sensor", "室内环境传感器", 10),
    CO("co-detector", "CO detector", "一氧化碳探测器", 5),
    DOOR("senml-contact", "door contact", "门磁", 30),
    LEAK("zigbee2mqtt-leak", "water leak sensor", "水浸传感器", 20);

    private final String profile;
    private final String en;
    private final String zh;
    private final int everySeconds;

    Kind(String profile, String en, String zh, int everySeconds) {
        this.profile = profile;
        this.en = en;
        this.zh = zh;
        this.everySeconds = everySeconds;
    }

    String profile() {
        return profile;
    }

    /** How often one reports when nothing happens. */
    int everySeconds() {
        return everySeconds;
    }

    String label() {
        return zh + " " + en;
    }

    String idPrefix() {
        return name().toLowerCase(Locale.ROOT);
    }
}
