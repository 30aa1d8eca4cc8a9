package dev.tocsin.stream.presence;

import dev.tocsin.profiles.desired.Pulse;
import dev.tocsin.stream.source.UplinkMessage;
import org.jspecify.annotations.Nullable;

/** What is heard of a gateway: a status or desired state, or its pulse. */
public record Signal(
        String gateway,
        @Nullable UplinkMessage message,
        @Nullable Pulse pulse) {

    public static Signal of(UplinkMessage message) {
        return new Signal(message.gateway(), message, null);
    }

    public static Signal of(Pulse pulse) {
        return new Signal(pulse.gateway(), null, pulse);
    }
}
