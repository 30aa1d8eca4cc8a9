package dev.tocsin.cloud;

import dev.tocsin.cloud.broker.BrokerAddress;
import dev.tocsin.cloud.identity.IdentityConfig;
import dev.tocsin.profiles.config.Settings;
import dev.tocsin.profiles.desired.GatewayState.Enrolment;
import dev.tocsin.profiles.wire.Topics;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Configuration of the API.
 *
 * @param shards of the uplink: this process reads every one, gateways are told the count
 * @param origins of other addresses under which the console is opened, besides the one that a browser calls
 * @param secureCookie whether browsers come through TLS
 * @param gateway id of the one gateway of a first start without a registry file
 * @param enrolment of gateways that say nothing about it
 * @param demoPassword of the demo's users; null outside the demo
 */
record CloudConfig(
        String host,
        int port,
        Set<String> origins,
        boolean secureCookie,
        BrokerAddress broker,
        int shards,
        IdentityConfig identities,
        String databaseUrl,
        String databaseUser,
        String databasePassword,
        Path data,
        String gateway,
        Enrolment enrolment,
        @Nullable Path registryFile,
        @Nullable Path profilesFolder,
        @Nullable String demoPassword,
        Duration sessionIdle,
        Duration sessionAbsolute,
        long liveQueueBytes) {
    private static final long MIB = 1 << 20;

    /** @throws IllegalArgumentException naming every key that is wrong */
    static CloudConfig from(Settings settings) {
        List<String> errors = new ArrayList<>();
        String registryFile = settings.optional("registry.file");
        String profilesFolder = settings.optional("profiles.folder");
        boolean demo = settings.flag("demo.users", false);
        String demoPassword = secret(settings, "demo.password", errors);
        if (demo && demoPassword.isEmpty()) {
            errors.add("demo.users needs demo.password or demo.password-file");
        }
        BrokerAddress broker = new BrokerAddress(
                settings.text("broker.url", "tcp://127.0.0.1:1883"),
                settings.text("broker.user", ""),
                secret(settings, "broker.password", errors));
        CloudConfig config = new CloudConfig(
                settings.text("http.host", "127.0.0.1"),
                settings.integer("http.port", "port", 8080, 0, 65_535),
                origins(settings.text("http.origins", "")),
                settings.flag("http.secure-cookie", false),
                broker,
                settings.integer("shards", "shards", 4, 1, 1024),
                IdentityConfig.from(settings),
                settings.text("database.url", "jdbc:postgresql://127.0.0.1:5433/tocsin"),
                settings.text("database.user", "tocsin_api"),
                secret(settings, "database.password", errors),
                settings.path("data", "data"),
                settings.text("gateway", "gateway-1"),
                settings.choice("enrolment", Enrolment.class, Enrolment.CLOSED),
                registryFile == null ? null : Path.of(registryFile),
                profilesFolder == null ? null : Path.of(profilesFolder),
                demo ? demoPassword : null,
                Duration.ofMinutes(settings.whole("session.idle-minutes", "min", 60, 1, 1_440)),
                Duration.ofHours(settings.whole("session.absolute-hours", "h", 24, 1, 168)),
                settings.whole("live.queue-mib", "MiB", 8, 1, 256) * MIB);
        if (!Topics.ID.matcher(config.gateway()).matches()) {
            errors.add("gateway '" + config.gateway() + "' is no id");
        }
        try {
            settings.finish();
        } catch (Settings.InvalidException e) {
            // All that is wrong is said together.
            errors.addAll(String.valueOf(e.getMessage())
                    .lines()
                    .skip(1)
                    .map(String::strip)
                    .toList());
        }
        if (!errors.isEmpty()) {
            throw new IllegalArgumentException("configuration:\n  " + String.join("\n  ", errors));
        }
        return config;
    }

    private static Set<String> origins(String list) {
        return Arrays.stream(list.split(","))
                .map(String::strip)
                .filter(origin -> !origin.isEmpty())
                .collect(Collectors.toUnmodifiableSet());
    }

    /** {@code key-file} names a file that holds the secret; it goes before {@code key}. */
    private static String secret(Settings settings, String key, List<String> errors) {
        String inline = settings.text(key, "");
        String file = settings.optional(key + "-file");
        if (file == null) {
            return inline;
        }
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException e) {
            errors.add("--" + key + "-file: " + file + " cannot be read: " + e.getMessage());
            return "";
        }
    }
}
