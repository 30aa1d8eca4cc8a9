package dev.tocsin.profiles.wire;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/** Every topic of the river. Ids in topics are {@code [A-Za-z0-9._:-]}, 1 to 64 characters. */
public final class Topics {
    /** What a gateway, device, area, rule or profile id may look like, so that it fits a topic level. */
    public static final Pattern ID = Pattern.compile("[A-Za-z0-9._:-]{1,64}");

    public static final String ALERTS_FILTER = "tocsin/v1/alerts/#";
    public static final String PULSE_FILTER = "tocsin/v1/pulse/+";
    public static final String STATE_FILTER = "tocsin/v1/state/#";
    /** Retained correlation rules of the site. */
    public static final String CORRELATIONS = "tocsin/v1/state/correlations";

    public static final String AREAS = "tocsin/v1/state/areas";

    private static final String UP = "tocsin/v1/up/";
    private static final String STATE_GATEWAY = "tocsin/v1/state/gateway/";
    private static final String STATE_PROFILE = "tocsin/v1/state/profile/";
    private static final String STATE_RULES = "tocsin/v1/state/rules/";
    private static final String STATE_UPDATE = "tocsin/v1/state/update/";

    private Topics() {}

    /** Where an uplink message came from. */
    public record Up(int shard, String gateway, Lane lane) {}

    /** Shard of a gateway; the count is fixed when a site is set up, as partitions are in Kafka. */
    public static int shardOf(String gateway, int shards) {
        CRC32 crc = new CRC32();
        crc.update(gateway.getBytes(StandardCharsets.UTF_8));
        return (int) (crc.getValue() % shards);
    }

    public static String up(int shard, String gateway, Lane lane) {
        return UP + shard + "/" + gateway + "/" + lane.topicLevel();
    }

    /** The subscription of a split: one shard, one lane, every gateway. */
    public static String upFilter(int shard, Lane lane) {
        return UP + shard + "/+/" + lane.topicLevel();
    }

    /** One lane of every shard. */
    public static String upFilter(Lane lane) {
        return UP + "+/+/" + lane.topicLevel();
    }

    /** @throws IllegalArgumentException when the topic is not an uplink topic */
    public static Up parseUp(String topic) {
        String[] levels = topic.split("/", -1);
        if (levels.length != 6 || !topic.startsWith(UP)) {
            throw new IllegalArgumentException("not an uplink topic: " + topic);
        }
        return new Up(Integer.parseInt(levels[3]), levels[4], Lane.of(levels[5]));
    }

    /** Retained desired state of one gateway: the gateway itself, its place and its devices. */
    public static String stateOfGateway(String gateway) {
        return STATE_GATEWAY + gateway;
    }

    /** Retained profile. */
    public static String stateOfProfile(String profile) {
        return STATE_PROFILE + profile;
    }

    /** Retained rule set of the site. */
    public static String stateOfRules(String ruleSet) {
        return STATE_RULES + ruleSet;
    }

    public static boolean isGatewayState(String topic) {
        return topic.startsWith(STATE_GATEWAY);
    }

    public static boolean isProfileState(String topic) {
        return topic.startsWith(STATE_PROFILE);
    }

    /** Retained order of another version of the agent. */
    public static String stateOfUpdate(String gateway) {
        return STATE_UPDATE + gateway;
    }

    public static boolean isUpdateState(String topic) {
        return topic.startsWith(STATE_UPDATE);
    }

    public static boolean isRulesState(String topic) {
        return topic.startsWith(STATE_RULES);
    }

    /**
     * Where an alert is published.
     *
     * @param areaPath ids of the areas from the root (district) to the alert's own, never names
     */
    public static String alert(List<String> areaPath, String alertId) {
        return "tocsin/v1/alerts/" + String.join("/", areaPath) + "/" + alertId;
    }

    public static String pulse(String gateway) {
        return "tocsin/v1/pulse/" + gateway;
    }

    public static String command(String gateway) {
        return "tocsin/v1/down/" + gateway + "/command";
    }
}
