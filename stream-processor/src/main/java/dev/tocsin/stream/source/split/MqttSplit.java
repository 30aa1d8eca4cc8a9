package dev.tocsin.stream.source.split;

import dev.tocsin.stream.source.Feed;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.flink.api.connector.source.SourceSplit;

/**
 * One shard of one feed. It has no position: how far it was read is known by the broker, which keeps everything that
 * was not acknowledged.
 *
 * @param shard 0 for a feed without shards
 */
public record MqttSplit(Feed feed, int shard) implements SourceSplit {

    @Override
    public String splitId() {
        return feed.name().toLowerCase(Locale.ROOT) + "-" + shard;
    }

    /** Of the session that belongs to this split in the job {@code job}; only one connection at a time may hold it. */
    public String clientId(String job) {
        return "tocsin-" + job + "-" + splitId();
    }

    public String filter() {
        return feed.filter(shard);
    }

    /** Every split of {@code feeds}, in an order that depends on nothing else. */
    public static List<MqttSplit> of(List<Feed> feeds, int shards) {
        List<MqttSplit> splits = new ArrayList<>();
        for (Feed feed : feeds) {
            for (int shard = 0; shard < (feed.sharded() ? shards : 1); shard++) {
                splits.add(new MqttSplit(feed, shard));
            }
        }
        return splits;
    }
}
