package dev.tocsin.standalone.broker;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * How Artemis is told to speak TLS: with the server's key and certificate from one PEM file, which it reads again when it
 * changes, and with a client's certificate where it has one, of an authority of ours. Who has none gives a password.
 */
final class TlsListener {
    private TlsListener() {}

    /** @throws IOException naming the file that is missing */
    static void requireFiles(BrokerSettings.Tls tls) throws IOException {
        for (Path file : new Path[] {server(tls), authorities(tls)}) {
            if (!Files.isReadable(file)) {
                throw new IOException(
                        "the broker's TLS listener needs " + file + ", which the API makes: it is missing");
            }
        }
    }

    static String parameters(BrokerSettings.Tls tls) {
        return ";sslEnabled=true"
                + ";wantClientAuth=true"
                + ";enabledProtocols=TLSv1.2,TLSv1.3"
                + ";keyStoreType=PEM;keyStorePath=" + encoded(server(tls))
                + ";trustStoreType=PEMCA;trustStorePath=" + encoded(authorities(tls))
                + ";sslAutoReload=true";
    }

    private static Path server(BrokerSettings.Tls tls) {
        return tls.identities().resolve("server.pem");
    }

    private static Path authorities(BrokerSettings.Tls tls) {
        return tls.identities().resolve("ca.pem");
    }

    private static String encoded(Path path) {
        return URLEncoder.encode(path.toAbsolutePath().toString(), StandardCharsets.UTF_8);
    }
}
