package dev.tocsin.standalone.platform;

import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one start of the platform is to be.
 *
 * @param data folder of everything that is kept
 * @param gateway id of the one gateway on this machine
 * @param shards of the uplink; fixed once the data folder exists
 * @param registry YAML of areas, gateways and devices to import, where there is one
 * @param openEnrolment whether devices that nobody registered are let in
 * @param demoPassword of the users duty, crew and admin and of the broker's field user; absent outside the demo, where
 *     passwords are made at random
 * @param database somebody else's database; absent: an embedded PostgreSQL
 * @param broker somebody else's broker; absent: an embedded one
 * @param publicName under which gateways of other machines reach this one; absent: they do not
 */
public record Plan(
        Layout layout,
        Path data,
        Ports ports,
        String gateway,
        int shards,
        @Nullable Path registry,
        boolean openEnrolment,
        @Nullable String demoPassword,
        @Nullable External database,
        @Nullable External broker,
        @Nullable String publicName) {

    /** The gateway that {@code tocsin demo} and {@code tocsin up} run. */
    public static final String GATEWAY = "gw-1";

    public static final int SHARDS = 4;

    /**
     * A server that is not ours to start.
     *
     * @param passwordFile holds the password alone
     */
    public record External(String url, String user, Path passwordFile) {}

    public Plan {
        if (!dev.tocsin.profiles.wire.Topics.ID.matcher(gateway).matches()) {
            throw new IllegalArgumentException("'" + gateway + "' is no gateway id");
        }
    }

    /** A plan for the embedded parts alone. */
    public static Plan embedded(Layout layout, Path data, Ports ports) {
        return new Plan(layout, data, ports, GATEWAY, SHARDS, null, false, null, null, null, null);
    }

    public Plan withRegistry(Path file) {
        return new Plan(
                layout, data, ports, gateway, shards, file, openEnrolment, demoPassword, database, broker, publicName);
    }

    public Plan asDemo(String password) {
        return new Plan(layout, data, ports, gateway, shards, registry, true, password, database, broker, publicName);
    }

    Plan inFolder(Path folder) {
        return new Plan(
                layout,
                folder,
                ports,
                gateway,
                shards,
                registry,
                openEnrolment,
                demoPassword,
                database,
                broker,
                publicName);
    }

    boolean isDemo() {
        return demoPassword != null;
    }

    /** The arguments that every process of the platform shares. */
    List<String> shared(String brokerUrl) {
        return List.of("--shards=" + shards, "--broker.url=" + brokerUrl);
    }
}
