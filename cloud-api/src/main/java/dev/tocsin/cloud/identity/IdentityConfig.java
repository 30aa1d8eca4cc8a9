package dev.tocsin.cloud.identity;

import dev.tocsin.profiles.config.Settings;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * How gateways come to their identity.
 *
 * @param port of the TLS listener that gateways enrol at, 0 for any that is free, -1 for none
 * @param host address that it listens on
 * @param names under which gateways reach this machine, for the server certificates; the first one is told to them
 * @param brokerUrl the broker's, as gateways are told it
 * @param life of a gateway's certificate
 * @param grace after its end within which its key may still renew it
 * @param tokenLife until an enrolment token is of no use
 */
public record IdentityConfig(
        int port,
        String host,
        List<String> names,
        String brokerUrl,
        Duration life,
        Duration grace,
        Duration tokenLife) {

    public IdentityConfig {
        names = List.copyOf(names);
    }

    /** Reads the keys that begin with {@code gateways}. */
    public static IdentityConfig from(Settings settings) {
        int port = settings.integer("gateways.port", "port", 8443, -1, 65_535);
        String host = settings.text("gateways.host", "127.0.0.1");
        List<String> names = names(settings);
        String first = names.isEmpty() ? "" : names.get(0);
        return new IdentityConfig(
                port,
                host,
                names,
                settings.text(
                        "gateways.broker-url", "ssl://" + (first.contains(":") ? "[" + first + "]" : first) + ":8883"),
                Duration.ofHours(settings.whole("gateways.certificate-hours", "h", 168, 1, 8_760)),
                Duration.ofDays(settings.whole("gateways.grace-days", "d", 90, 0, 3_650)),
                Duration.ofHours(settings.whole("gateways.token-hours", "h", 24, 1, 168)));
    }

    /** The names alone, for the process that makes the certificates before anything listens. */
    public static List<String> names(Settings settings) {
        List<String> names = Arrays.stream(
                        settings.text("gateways.names", "localhost,127.0.0.1").split(","))
                .map(String::strip)
                .filter(name -> !name.isEmpty())
                .toList();
        if (names.isEmpty()) {
            settings.refuse("--gateways.names names nothing that a gateway could reach");
        }
        for (String name : names) {
            if (!name.matches("[A-Za-z0-9._:-]{1,253}")) {
                settings.refuse("--gateways.names: '" + name + "' is neither a host name nor an address");
            }
        }
        return names;
    }
}
