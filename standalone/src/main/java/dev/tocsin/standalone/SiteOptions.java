package dev.tocsin.standalone;

import dev.tocsin.standalone.platform.Layout;
import dev.tocsin.standalone.platform.Plan;
import dev.tocsin.standalone.platform.Ports;
import dev.tocsin.standalone.platform.StartException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What a site is, however its jobs are run. */
final class SiteOptions {
    @Mixin
    private DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private BrokerOptions broker = new BrokerOptions();

    @Option(
            names = "--data",
            defaultValue = "${env:TOCSIN_DATA:-data}",
            description = "folder of everything that is kept (${DEFAULT-VALUE})")
    private Path data = Path.of("data");

    @Option(names = "--registry", description = "YAML of areas, gateways and devices to import at the start")
    private @Nullable Path registry;

    @Option(
            names = "--open-enrolment",
            description = "let in devices that nobody registered (a demonstration, never a site)")
    private boolean openEnrolment;

    @Option(
            names = "--public-name",
            description =
                    "name or address by which gateways of other machines reach this one: opens the two TLS ports to"
                            + " the network")
    private @Nullable String publicName;

    Plan plan(Ports ports) throws StartException {
        return new Plan(
                Layout.fromEnvironment(),
                data.toAbsolutePath(),
                ports,
                Plan.GATEWAY,
                Plan.SHARDS,
                registry == null ? null : registry.toAbsolutePath(),
                openEnrolment,
                null,
                database.database(),
                broker.broker(),
                publicName);
    }
}
