package dev.tocsin.stream.publish;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.AlertJson;
import dev.tocsin.profiles.desired.DesiredJson;
import dev.tocsin.profiles.desired.Pulse;
import dev.tocsin.profiles.reading.Rejected;
import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import java.util.ArrayList;
import java.util.List;

/**
 * One message to the broker.
 *
 * @param sure sent at QoS 1 until the broker has it; otherwise QoS 0, and dropped where the broker is away
 */
public record Publication(String topic, byte[] payload, boolean sure) {

    public static Publication of(Alert alert) {
        List<String> areas = new ArrayList<>();
        for (String area : alert.place().areas()) {
            // An agent may have been told anything; a level that is no id must not keep an alarm from its topic.
            areas.add(Topics.ID.matcher(area).matches() ? area : area.replaceAll("[^A-Za-z0-9._:-]", "_"));
        }
        return new Publication(Topics.alert(areas, alert.id()), AlertJson.write(alert), true);
    }

    /** To where an agent would have reported it, so that the archive keeps it. */
    public static Publication of(Rejected rejected, int shards) {
        int shard = Topics.shardOf(rejected.gateway(), shards);
        return new Publication(Topics.up(shard, rejected.gateway(), Lane.REJECTED), DesiredJson.write(rejected), true);
    }

    public static Publication of(Pulse pulse) {
        return new Publication(Topics.pulse(pulse.gateway()), DesiredJson.write(pulse), false);
    }
}
