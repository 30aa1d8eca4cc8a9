package dev.tocsin.standalone;

import dev.tocsin.standalone.platform.Plan;
import dev.tocsin.standalone.platform.StartException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Somebody else's broker instead of the embedded one. */
final class BrokerOptions {
    @Option(
            names = "--broker-url",
            defaultValue = "${env:TOCSIN_BROKER_URL}",
            description = "URL of an MQTT 5 broker to use instead of the embedded one")
    private @Nullable String brokerUrl;

    @Option(names = "--broker-user", defaultValue = "${env:TOCSIN_BROKER_USER}", description = "its user")
    private @Nullable String brokerUser;

    @Option(
            names = "--broker-password-file",
            defaultValue = "${env:TOCSIN_BROKER_PASSWORD_FILE}",
            description = "file with that user's password")
    private @Nullable Path brokerPasswordFile;

    Plan.@Nullable External broker() throws StartException {
        return external("broker", brokerUrl, brokerUser, brokerPasswordFile);
    }

    static Plan.@Nullable External external(
            String what, @Nullable String url, @Nullable String user, @Nullable Path passwordFile)
            throws StartException {
        if (url == null || url.isBlank()) {
            return null;
        }
        if (user == null || passwordFile == null) {
            throw new StartException("--" + what + "-url needs --" + what + "-user and --" + what + "-password-file");
        }
        return new Plan.External(url, user, passwordFile.toAbsolutePath());
    }
}
