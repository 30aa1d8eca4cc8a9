package dev.tocsin.agent.coap;

import dev.tocsin.agent.desired.Registry;
import dev.tocsin.profiles.codec.Decoding;
import dev.tocsin.profiles.codec.Decoding.Decoded;
import dev.tocsin.profiles.codec.Decoding.Refused;
import dev.tocsin.profiles.codec.Incoming;
import dev.tocsin.profiles.reading.Rejected.Reason;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * For whom a caller may speak: with credentials for the device that has them, and for what is below it where it is a
 * concentrator; without, for devices that have none. An alarm in a message that is refused here is not shown either:
 * whoever could raise it could raise anything. Safe for any thread.
 */
final class Entitlement {
    private final Registry registry;
    private final Credentials credentials;

    Entitlement(Registry registry, Credentials credentials) {
        this.registry = registry;
        this.credentials = credentials;
    }

    /** What becomes of a message once it is known who sent it. */
    Decoding judge(Incoming incoming, Decoding decoding, Caller caller) {
        String source = registry.decoder().deviceOf(incoming);
        Set<String> devices = devicesOf(decoding);
        if (source != null) {
            devices.add(source);
        }
        for (String device : devices) {
            Refused refused = caller.authenticated() ? byCredentials(device, source, caller) : withoutAny(device);
            if (refused != null) {
                return refused;
            }
        }
        return decoding;
    }

    private @Nullable Refused withoutAny(String device) {
        return credentials.has(device)
                ? new Refused(
                        Reason.UNAUTHENTICATED,
                        device + " has credentials and is not believed without them",
                        device,
                        null)
                : null;
    }

    private @Nullable Refused byCredentials(String device, @Nullable String source, Caller caller) {
        if (device.equals(caller.device())) {
            return null;
        }
        // What a concentrator's own message says of others is below it, unless these can speak for themselves.
        boolean below = source != null && source.equals(caller.device()) && !credentials.has(device);
        return below
                ? null
                : new Refused(
                        Reason.NOT_ENTITLED,
                        "the credentials of '" + caller.name() + "' are "
                                + (caller.device() == null ? "nobody's" : "those of " + caller.device())
                                + " and not of " + device,
                        device,
                        null);
    }

    private static Set<String> devicesOf(Decoding decoding) {
        Set<String> devices = new LinkedHashSet<>();
        if (decoding instanceof Decoded decoded) {
            decoded.readings().forEach(reading -> devices.add(reading.device()));
            if (decoded.refused() != null) {
                devices.addAll(devicesOf(decoded.refused()));
            }
        } else if (decoding instanceof Refused refused) {
            if (refused.device() != null) {
                devices.add(refused.device());
            }
            if (refused.unheard() != null) {
                devices.addAll(devicesOf(refused.unheard()));
            }
        }
        return devices;
    }
}
