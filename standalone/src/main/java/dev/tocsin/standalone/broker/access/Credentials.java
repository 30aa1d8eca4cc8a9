package dev.tocsin.standalone.broker.access;

import dev.tocsin.profiles.config.PrivateFile;
import dev.tocsin.profiles.wire.PasswordHash;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The credentials of one installation: a folder with the broker's users file and one file per password, readable by the
 * owner alone. A password is made once, of random bits, and kept; there is no default. For one thread.
 */
public final class Credentials {
    private static final int PASSWORD_BYTES = 24;

    private final Path folder;

    private Credentials(Path folder) {
        this.folder = folder;
    }

    /** Opens the folder, making it where it is missing. */
    public static Credentials open(Path folder) throws IOException {
        PrivateFile.folder(folder);
        return new Credentials(folder);
    }

    /** What {@code BrokerMain} reads. */
    public Path usersFile() {
        return folder.resolve("broker-users");
    }

    /** Where the password of a user is kept, for processes that take {@code broker.password-file}. */
    public Path passwordFile(String user) {
        return folder.resolve("broker-" + user + ".password");
    }

    /** The user with this role, its password made now where there is none yet. Returns the password. */
    public String user(String name, Role role, String... ownTopics) throws IOException {
        Path file = passwordFile(name);
        if (!Files.exists(file)) {
            return user(name, role, randomPassword(), List.of(ownTopics));
        }
        return user(name, role, Files.readString(file).strip(), List.of(ownTopics));
    }

    /** The user with a password that was chosen elsewhere: for the printed sensor of a demo, nothing else. */
    public String user(String name, Role role, String password, List<String> ownTopics) throws IOException {
        PrivateFile.write(passwordFile(name), password + "\n");
        Map<String, User> users =
                Files.exists(usersFile()) ? UserFile.read(usersFile()) : new LinkedHashMap<String, User>();
        User known = users.get(name);
        boolean same = known != null
                && known.role() == role
                && known.ownTopics().equals(ownTopics)
                && known.hash().accepts(password);
        if (!same) {
            users.put(name, new User(name, role, PasswordHash.of(password), ownTopics));
            PrivateFile.write(
                    usersFile(),
                    users.values().stream().map(User::toString).collect(Collectors.joining("\n", "", "\n")));
        }
        return password;
    }

    private static String randomPassword() {
        byte[] bits = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(bits);
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bits);
    }
}
