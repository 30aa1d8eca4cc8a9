package dev.tocsin.cloud;

import dev.tocsin.cloud.identity.Identities;
import dev.tocsin.cloud.identity.IdentityConfig;
import dev.tocsin.profiles.config.Settings;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/**
 * The process {@code prepare-identities}: makes the authority of the gateways and the server's certificate where they are
 * missing, and ends. For set-ups in which the broker starts before the API and shows that certificate.
 */
public final class PrepareIdentities {
    private static final int WRONG_CONFIGURATION = 2;
    private static final int FAULT = 1;

    private PrepareIdentities() {}

    public static void main(String[] arguments) {
        Path data;
        List<String> names;
        try {
            Settings settings = new Settings(arguments, System.getenv());
            data = settings.path("data", "data");
            names = IdentityConfig.names(settings);
            settings.finish();
        } catch (Settings.InvalidException e) {
            leave(WRONG_CONFIGURATION, String.valueOf(e.getMessage()));
            return;
        }
        try {
            Identities.prepare(data, names, Clock.systemUTC());
            System.out.println("READY identities " + data.resolve("identities"));
        } catch (IOException e) {
            leave(FAULT, String.valueOf(e.getMessage()));
        }
    }

    private static void leave(int status, String why) {
        System.err.println("prepare-identities: " + why);
        System.exit(status);
    }
}
