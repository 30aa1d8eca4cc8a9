package dev.tocsin.profiles.profile;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The profiles that a process knows. Immutable, safe for any thread. */
public final class ProfileCatalog {
    private static final String FOLDER = "/profiles/";

    private final Map<String, Profile> byId;

    private ProfileCatalog(Map<String, Profile> byId) {
        this.byId = Collections.unmodifiableMap(byId);
    }

    /** Those that come with this jar. */
    public static ProfileCatalog builtIn() {
        Map<String, Profile> byId = new LinkedHashMap<>();
        // A jar cannot be listed, so a file names the files; a test holds it against the folder.
        for (String file : resource("index").lines().filter(l -> !l.isBlank()).toList()) {
            Profile profile;
            try {
                profile = Profile.parse(resource(file), file);
            } catch (ProfileException e) {
                throw new IllegalStateException("a built-in profile is wrong", e);
            }
            byId.put(profile.id(), profile);
        }
        return new ProfileCatalog(byId);
    }

    public static ProfileCatalog of(List<Profile> profiles) {
        Map<String, Profile> byId = new LinkedHashMap<>();
        profiles.forEach(profile -> byId.put(profile.id(), profile));
        return new ProfileCatalog(byId);
    }

    public @Nullable Profile find(String id) {
        return byId.get(id);
    }

    /** This catalog with one profile more, or one replaced. */
    public ProfileCatalog with(Profile profile) {
        Map<String, Profile> more = new LinkedHashMap<>(byId);
        more.put(profile.id(), profile);
        return new ProfileCatalog(more);
    }

    /**
     * This catalog with a site's own profiles: every {@code .yaml}, {@code .yml} and {@code .json} file of a folder.
     *
     * @throws ProfileException when one of them is wrong; the message names its file
     */
    public ProfileCatalog withFolder(Path folder) throws IOException, ProfileException {
        ProfileCatalog catalog = this;
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.{yaml,yml,json}")) {
            for (Path file : files) {
                catalog = catalog.with(Profile.parse(Files.readString(file), file.toString()));
            }
        }
        return catalog;
    }

    public Collection<Profile> all() {
        return byId.values();
    }

    private static String resource(String name) {
        try (InputStream in = ProfileCatalog.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IllegalStateException("this jar lacks " + FOLDER + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException("cannot read " + FOLDER + name, e);
        }
    }
}
