package dev.tocsin.cloud.devices;

import dev.tocsin.profiles.desired.GatewayStatus;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What gateways say of themselves. Answers from memory. */
public interface Presences {
    /** The newest status message, null when there was none. */
    @Nullable
    GatewayStatus statusOf(String gateway);

    @Nullable
    Instant lastPulseOf(String gateway);
}
