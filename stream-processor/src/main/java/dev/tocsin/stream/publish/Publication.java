package dev.tocsin.stream.publish;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.Pulse;
import dev.tocsin.profiles.reading.Rejected;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/** One message to the broker. */
public record Publication(String topic, byte[] payload, Care care) {
    /** In the name of which rejected input is kept that came from no gateway. */
    private static final String OURSELVES = "alarm-job";

    /** How much is done for a publication. */
    public enum Care {
        /** Sent at QoS 1 until somebody who subscribes has it; what follows waits. */
        SURE,
        /** Sent at QoS 1 until the broker answered; what nobody subscribes to is counted and given up. */
        ANSWERED,
        /** QoS 0, and dropped where the broker is away. */
        NONE
    }

    public static Publication of(Alert alert) {
        List<String> areas = new ArrayList<>();
        for (String area : alert.place().areas()) {
            areas.add(level(area));
        }
        return new Publication(Topics.alert(areas, level(alert.id())), AlertJson.write(alert), Care.SURE);
    }

    /** To where an agent would have reported it, so that the archive keeps it. */
    public static Publication of(Rejected rejected, int shards) {
        int shard = Topics.shardOf(rejected.gateway(), shards);
        return new Publication(
                Topics.up(shard, rejected.gateway(), Lane.REJECTED), DesiredJson.write(rejected), Care.ANSWERED);
    }

    public static Publication of(Pulse pulse) {
        return new Publication(Topics.pulse(pulse.gateway()), DesiredJson.write(pulse), Care.NONE);
    }

    /** What stands for this one, which cannot be sent: rejected input of the first shard, which every site has. */
    Publication rejected(RuntimeException why, Instant now) {
        return of(
                new Rejected(
                        UUID.nameUUIDFromBytes(payload).toString(),
                        OURSELVES,
                        "publish:" + topic,
                        null,
                        Rejected.Reason.INDIGESTIBLE,
                        "It cannot be published: " + why.getMessage(),
                        payload,
                        now),
                1);
    }

    /** An agent may have been told anything; a name that is no id must not keep an alarm from its topic. */
    private static String level(String name) {
        if (Topics.ID.matcher(name).matches()) {
            return name;
        }
        String legal = name.replaceAll("[^A-Za-z0-9._:-]", "_");
        return legal.isEmpty() ? "_" : legal;
    }
}
