package dev.tocsin.stream.backtest;

import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * The readings to tell again, by event time; one split, for their order is one.
 *
 * @param fromMs inclusive
 * @param toMs exclusive
 */
record Span(long fromMs, long toMs) implements SourceSplit, Serializable {
    Instant from() {
        return Instant.ofEpochMilli(fromMs);
    }

    Instant to() {
        return Instant.ofEpochMilli(toMs);
    }

    @Override
    public String splitId() {
        return from() + "/" + to();
    }

    /** Both ends. */
    static final class Serializer implements SimpleVersionedSerializer<Span> {
        private static final int VERSION = 1;

        @Override
        public int getVersion() {
            return VERSION;
        }

        @Override
        public byte[] serialize(Span span) {
            return ByteBuffer.allocate(2 * Long.BYTES)
                    .putLong(span.fromMs)
                    .putLong(span.toMs)
                    .array();
        }

        @Override
        public Span deserialize(int version, byte[] serialized) throws IOException {
            if (version != VERSION) {
                throw new IOException("span version " + version + ", known is " + VERSION);
            }
            ByteBuffer buffer = ByteBuffer.wrap(serialized);
            return new Span(buffer.getLong(), buffer.getLong());
        }
    }
}
