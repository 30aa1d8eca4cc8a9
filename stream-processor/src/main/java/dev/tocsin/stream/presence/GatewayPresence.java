package dev.tocsin.stream.presence;

import org.jspecify.annotations.Nullable;

/** What is known of one gateway; times without another word are this job's wall clock. A Flink POJO. */
public final class GatewayPresence {
    public boolean online;
    /** Start of the connection heard of last, by the gateway's clock; names the matter when that connection is lost. */
    public long sinceMs;

    public @Nullable Long offlineAtMs;
    public boolean raised;
    /** When it last said that it is online. */
    public long onlineAtMs;
    /** When its pulse was heard last; 0 of a gateway that has none. */
    public long pulseAtMs;

    /** Of its spool. */
    public @Nullable String epoch;

    public GatewayPresence() {}
}
