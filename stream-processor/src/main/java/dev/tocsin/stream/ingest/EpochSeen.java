package dev.tocsin.stream.ingest;

import dev.tocsin.profiles.wire.Sequences;

/** Which sequences of one epoch were seen, and when last. A Flink POJO. */
public final class EpochSeen {
    public Sequences sequences = new Sequences();
    public long lastUsedMs;

    public EpochSeen() {}
}
