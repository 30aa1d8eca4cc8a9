package dev.tocsin.cloud;

import dev.tocsin.cloud.devices.RegistryFile;
import dev.tocsin.profiles.config.Settings;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.profile.ProfileException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The process {@code cloud-api}: reads its configuration, starts {@link CloudServer}, serves until it is told to stop. */
public final class CloudApi {
    private static final Logger LOG = LoggerFactory.getLogger(CloudApi.class);
    private static final int WRONG_CONFIGURATION = 2;
    private static final int FAULT = 1;

    private CloudApi() {}

    public static void main(String[] arguments) {
        CloudServer.Site site;
        CloudConfig config;
        try {
            config = CloudConfig.from(new Settings(arguments, System.getenv()));
            site = site(config);
        } catch (IllegalArgumentException | RegistryFile.InvalidException e) {
            leave(WRONG_CONFIGURATION, String.valueOf(e.getMessage()));
            return;
        } catch (IOException | ProfileException e) {
            leave(WRONG_CONFIGURATION, e.toString());
            return;
        }
        try {
            CloudServer server = new CloudServer(config, site, Clock.systemUTC());
            Runtime.getRuntime().addShutdownHook(new Thread(server::close, "stop"));
            System.out.println("READY cloud-api http://" + config.host() + ":" + server.start());
        } catch (IOException | RuntimeException e) {
            LOG.error("cannot start", e);
            leave(FAULT, String.valueOf(e.getMessage()));
        }
    }

    private static CloudServer.Site site(CloudConfig config)
            throws IOException, ProfileException, RegistryFile.InvalidException {
        List<Profile> own = new ArrayList<>();
        ProfileCatalog catalog = ProfileCatalog.builtIn();
        Path folder = config.profilesFolder();
        if (folder != null) {
            try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.{yaml,yml,json}")) {
                for (Path file : files) {
                    own.add(Profile.parse(Files.readString(file), file.toString()));
                }
            }
        }
        for (Profile profile : own) {
            catalog = catalog.with(profile);
        }
        @Nullable Path file = config.registryFile();
        RegistryFile registry = file == null
                ? RegistryFile.minimal(config.gateway(), config.enrolment())
                : RegistryFile.read(file, catalog, config.enrolment());
        return new CloudServer.Site(catalog, own, registry, file != null);
    }

    private static void leave(int status, String why) {
        System.err.println("cloud-api: " + why);
        System.exit(status);
    }
}
