package dev.tocsin.standalone;

import dev.tocsin.standalone.platform.Plan;
import dev.tocsin.standalone.platform.StartException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Somebody else's database instead of the embedded one. */
final class DatabaseOptions {
    @Option(
            names = "--database-url",
            defaultValue = "${env:TOCSIN_DATABASE_URL}",
            description = "JDBC URL of a PostgreSQL or TimescaleDB to use instead of the embedded PostgreSQL")
    private @Nullable String url;

    @Option(names = "--database-user", defaultValue = "${env:TOCSIN_DATABASE_USER}", description = "its user")
    private @Nullable String user;

    @Option(
            names = "--database-password-file",
            defaultValue = "${env:TOCSIN_DATABASE_PASSWORD_FILE}",
            description = "file with that user's password")
    private @Nullable Path passwordFile;

    Plan.@Nullable External database() throws StartException {
        return BrokerOptions.external("database", url, user, passwordFile);
    }
}
