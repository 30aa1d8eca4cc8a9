package dev.tocsin.stream.presence;

import org.jspecify.annotations.Nullable;

/** What is known of one gateway. A Flink POJO. */
public final class GatewayPresence {
    public boolean online;
    /** Start of the connection heard of last, by the gateway's clock; names the matter when that connection is lost. */
    public long sinceMs;

    public @Nullable Long offlineAtMs;
    public boolean raised;

    public GatewayPresence() {}
}
