package dev.tocsin.profiles.desired;

import dev.tocsin.profiles.reading.Limits;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What a gateway says of itself on its status topic, retained; the last will says {@code online: false} and nothing
 * else.
 *
 * @param since start of this connection
 * @param epoch id of the spool file
 * @param registryVersion the {@link GatewayState#version} it runs, 0 when none
 * @param clockSynchronized whether the gateway trusts its own clock
 * @param update how far the newest order of another agent is; absent where none was given
 */
public record GatewayStatus(
        String gateway,
        boolean online,
        @Nullable Instant since,
        @Nullable String agentVersion,
        @Nullable String epoch,
        long registryVersion,
        boolean clockSynchronized,
        @Nullable UpdateProgress update) {

    /** Of a gateway that was never told to update. */
    public GatewayStatus(
            String gateway,
            boolean online,
            @Nullable Instant since,
            @Nullable String agentVersion,
            @Nullable String epoch,
            long registryVersion,
            boolean clockSynchronized) {
        this(gateway, online, since, agentVersion, epoch, registryVersion, clockSynchronized, null);
    }

    public GatewayStatus {
        Limits.text("gateway", gateway, Limits.TEXT);
        if (since != null) {
            Limits.instant("since", since);
        }
        if (agentVersion != null) {
            Limits.text("agentVersion", agentVersion, Limits.TEXT);
        }
        if (epoch != null) {
            Limits.text("epoch", epoch, Limits.TEXT);
        }
    }
}
