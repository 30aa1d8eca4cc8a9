package dev.tocsin.stream.source;

import dev.tocsin.profiles.wire.Lane;
import dev.tocsin.profiles.wire.Topics;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What a split reads: one lane of the uplink, or one of the topics that have no shards. In the order in which a reader
 * looks for messages: desired state before what it explains, alarms before readings, and a backlog last. Of a feed that
 * others are always before, one message in so many is taken all the same.
 */
public enum Feed {
    /** Desired state, retained. Sent again by the broker at each subscription, so its session need not persist. */
    STATE(null),
    /** Alerts that agents raised. */
    ALERT(Lane.ALERT),
    /** Presence of the gateways. */
    STATUS(Lane.STATUS),
    /** Alerts that the alarm job published. */
    ALERTS(null),
    /** Readings as they come. */
    LIVE(Lane.LIVE),
    /** Input that no agent could digest. */
    REJECTED(Lane.REJECTED),
    /** Readings that an outage left behind. */
    BACKLOG(Lane.BACKLOG);

    private final @Nullable Lane lane;

    Feed(@Nullable Lane lane) {
        this.lane = lane;
    }

    public boolean sharded() {
        return lane != null;
    }

    /** Whether its messages tell what happened, in whatever order they come; the others tell how things are now. */
    public boolean tellsEvents() {
        return this == LIVE || this == BACKLOG || this == ALERT || this == REJECTED;
    }

    /** Absent for a lane that no job reads. */
    public static Optional<Feed> of(Lane lane) {
        return Stream.of(values()).filter(feed -> feed.lane == lane).findFirst();
    }

    /** Whether the session outlives its connection and what it sent is acknowledged by a checkpoint. */
    public boolean durable() {
        return this != STATE;
    }

    /** The subscription of one shard; of a feed without shards the shard has no meaning. */
    public String filter(int shard) {
        if (lane != null) {
            return Topics.upFilter(shard, lane);
        }
        return this == STATE ? Topics.STATE_FILTER : Topics.ALERTS_FILTER;
    }
}
