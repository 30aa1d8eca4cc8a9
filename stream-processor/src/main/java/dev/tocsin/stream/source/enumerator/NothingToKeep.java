package dev.tocsin.stream.source.enumerator;

import org.apache.flink.core.io.SimpleVersionedSerializer;

/** The enumerator's checkpoint: empty, because the assignment follows from the configuration alone. */
public enum NothingToKeep {
    NOTHING;

    /** Writes no byte. */
    public static final class Serializer implements SimpleVersionedSerializer<NothingToKeep> {
        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(NothingToKeep nothing) {
            return new byte[0];
        }

        @Override
        public NothingToKeep deserialize(int version, byte[] serialized) {
            return NOTHING;
        }
    }
}
