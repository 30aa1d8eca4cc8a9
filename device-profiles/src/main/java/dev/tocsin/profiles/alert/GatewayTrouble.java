package dev.tocsin.profiles.alert;

import dev.tocsin.profiles.profile.LocalText;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What an agent tells of its own gateway. No reading decides it and no profile has it; the subject of such an alert is
 * the gateway's id.
 */
public enum GatewayTrouble {
    /** The spool is full or what it holds too old; the alert's value is how much was given up, as its metric says. */
    EVICTING("evicting", Severity.MAJOR, "Gateway gives up readings it cannot deliver", "网关存储已满，正在丢弃未上传的数据"),
    /** The disk takes nothing; what comes in is judged from memory and acknowledged to nobody. */
    DISK("disk", Severity.MAJOR, "Gateway cannot write to its disk", "网关磁盘无法写入"),
    /** The spool's file was damaged; the alert's value is how many readings are lost by it, as far as that is known. */
    DAMAGED("spool-damaged", Severity.MAJOR, "Gateway's stored readings were damaged", "网关存储的数据已损坏"),
    /** The alert's value is by how many seconds. */
    CLOCK("clock", Severity.MINOR, "Gateway's clock jumped", "网关时钟跳变");

    public static final String EVICTED_READINGS = "evicted-readings";
    public static final String EVICTED_MESSAGES = "evicted-messages";
    public static final String LOST_READINGS = "lost-readings";
    public static final String LOST_READINGS_AT_LEAST = "lost-readings-at-least";
    public static final String CLOCK_JUMP = "clock-jump";

    private static final String PREFIX = "gateway/";

    private final String rule;
    private final Severity severity;
    private final LocalText text;

    GatewayTrouble(String name, Severity severity, String en, String zh) {
        this.rule = PREFIX + name;
        this.severity = severity;
        this.text = new LocalText(en, zh);
    }

    public String rule() {
        return rule;
    }

    public Severity severity() {
        return severity;
    }

    /** What people read. */
    public LocalText text() {
        return text;
    }

    /** Nothing for the rule of anything else. */
    public static @Nullable GatewayTrouble of(String rule) {
        return Arrays.stream(values())
                .filter(trouble -> trouble.rule.equals(rule))
                .findFirst()
                .orElse(null);
    }
}
