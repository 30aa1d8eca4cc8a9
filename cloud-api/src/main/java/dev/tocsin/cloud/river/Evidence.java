package dev.tocsin.cloud.river;

import dev.tocsin.profiles.desired.GatewayStatus;
import java.time.Instant;
import java.util.Map;
import java.util.SortedSet;
import org.jspecify.annotations.Nullable;

/**
 * All that the verdict rests on, at one moment.
 *
 * @param watchingSince since when pulses could have arrived: start of the process or of the broker's connection
 * @param gateways of the registry
 * @param statuses what gateways said of themselves last
 * @param pulses when the newest pulse of each gateway came through
 * @param archivedPulse observation time of the newest pulse in the store
 */
record Evidence(
        Instant now,
        Instant watchingSince,
        boolean brokerConnected,
        @Nullable Instant brokerSeen,
        boolean databaseAnswers,
        @Nullable Instant databaseSeen,
        SortedSet<String> gateways,
        Map<String, GatewayStatus> statuses,
        Map<String, Instant> pulses,
        @Nullable Instant archivedPulse) {

    @Nullable
    Instant newestPulse() {
        Instant newest = null;
        for (Instant pulse : pulses.values()) {
            newest = newest == null || pulse.isAfter(newest) ? pulse : newest;
        }
        return newest;
    }

    boolean offline(String gateway) {
        GatewayStatus status = statuses.get(gateway);
        return status != null && !status.online();
    }

    boolean online(String gateway) {
        GatewayStatus status = statuses.get(gateway);
        return status != null && status.online();
    }
}
