package dev.tocsin.standalone.platform;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where gateways of other machines come in: both listeners speak TLS.
 *
 * @param mqtt the broker's port
 * @param enrolment the API's port for gateways
 */
public record GatewayDoor(int mqtt, int enrolment) {
    private static final String ANYWHERE = "0.0.0.0";
    private static final String HERE = "127.0.0.1";

    /** @param publicName without one, nothing listens beyond this machine */
    static String listen(@Nullable String publicName) {
        return publicName == null ? HERE : ANYWHERE;
    }

    /** For the server's certificate; the first one is what gateways are told. */
    static String names(@Nullable String publicName) {
        List<String> names = new ArrayList<>(List.of("localhost", HERE));
        if (publicName != null) {
            names.remove(publicName);
            names.add(0, publicName);
        }
        return String.join(",", names);
    }

    /** As gateways are told it. */
    String brokerUrl(@Nullable String publicName) {
        String name = publicName == null ? "localhost" : publicName;
        return "ssl://" + (name.contains(":") ? "[" + name + "]" : name) + ":" + mqtt;
    }
}
