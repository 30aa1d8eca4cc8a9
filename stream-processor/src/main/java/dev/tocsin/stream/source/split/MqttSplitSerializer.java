package dev.tocsin.stream.source.split;

import dev.tocsin.stream.source.Feed;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/** A split on its way from the enumerator to a reader: the shard, then the feed's name. */
public final class MqttSplitSerializer implements SimpleVersionedSerializer<MqttSplit> {
    private static final int VERSION = 1;

    @Override
    public int getVersion() {
        return VERSION;
    }

    @Override
    public byte[] serialize(MqttSplit split) {
        byte[] feed = split.feed().name().getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(Integer.BYTES + feed.length)
                .putInt(split.shard())
                .put(feed)
                .array();
    }

    @Override
    public MqttSplit deserialize(int version, byte[] serialized) throws IOException {
        if (version != VERSION) {
            throw new IOException("split version " + version + ", known is " + VERSION);
        }
        ByteBuffer buffer = ByteBuffer.wrap(serialized);
        int shard = buffer.getInt();
        String feed = StandardCharsets.US_ASCII.decode(buffer).toString();
        return new MqttSplit(Feed.valueOf(feed), shard);
    }
}
