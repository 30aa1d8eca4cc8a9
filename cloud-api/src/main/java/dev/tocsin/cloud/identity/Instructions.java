package dev.tocsin.cloud.identity;

import java.util.function.IntSupplier;

/** What an administrator is told to run on a gateway. */
final class Instructions {
    private final Authority authority;
    private final IdentityConfig config;
    private final IntSupplier port;
    private final int shards;

    /** @param port that the listener for gateways has */
    Instructions(Authority authority, IdentityConfig config, IntSupplier port, int shards) {
        this.authority = authority;
        this.config = config;
        this.port = port;
        this.shards = shards;
    }

    String fingerprint() {
        return authority.fingerprint();
    }

    /** The token goes into a file: on a command line every user of the gateway would see it. */
    String commandFor(String gateway, String token) {
        String name = config.names().get(0);
        String host = name.contains(":") ? "[" + name + "]" : name;
        return """
                (umask 077; printf '%%s\\n' '%s' > enrol.token)
                edge-agent --gateway=%s --shards=%d \\
                  --enrol.url=https://%s:%d --enrol.token-file=enrol.token \\
                  --enrol.ca-fingerprint=%s \\
                  --broker.url=%s --field.broker.url=tcp://127.0.0.1:1883
                """.formatted(token, gateway, shards, host, port.getAsInt(), fingerprint(), config.brokerUrl());
    }
}
