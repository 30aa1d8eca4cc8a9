package dev.tocsin.cloud.login;

import dev.tocsin.cloud.database.Database;
import dev.tocsin.cloud.http.Role;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The users of a first start: an administrator with a random password that only a file of this machine's user knows; in
 * the demo three users with a password that everybody is told.
 */
public final class FirstUsers {
    private static final Logger LOG = LoggerFactory.getLogger(FirstUsers.class);
    private static final int PASSWORD_BYTES = 18;

    private final Database database;
    private final Audit audit;
    private final Path folder;
    private final @Nullable String demoPassword;

    /**
     * @param data the file is {@code credentials/admin.txt} in it
     * @param demoPassword of {@code duty}, {@code crew} and {@code admin}; null outside the demo
     */
    public FirstUsers(Database database, Audit audit, Path data, @Nullable String demoPassword) {
        this.database = database;
        this.audit = audit;
        this.folder = data.resolve("credentials");
        this.demoPassword = demoPassword;
    }

    /** Does nothing where there are users: a password that everybody is told never takes the place of another. */
    public void create() {
        if (!database.read(Users::none)) {
            LOG.info("there are users already; none is made");
        } else if (demoPassword != null) {
            createDemo(demoPassword);
        } else {
            createAdministrator();
        }
    }

    private void createDemo(String password) {
        Passwords passwords = new Passwords();
        List<User> users = List.of(
                new User("duty", "李值班", Role.DUTY_OFFICER, "zh-CN", true, null),
                new User("crew", "王维护", Role.CREW, "zh-CN", true, null),
                new User("admin", "Administrator", Role.ADMINISTRATOR, "en", true, null));
        database.write(handle -> {
            for (User user : users) {
                Users.put(handle, user, passwords.hash(password));
            }
            audit.append(handle, "system", "", "demo_users", "", "");
            return null;
        });
        LOG.info("demo users duty, crew and admin stand");
    }

    private void createAdministrator() {
        byte[] bytes = new byte[PASSWORD_BYTES];
        new SecureRandom().nextBytes(bytes);
        String password = Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
        // First the file: an administrator whose password nobody can read would lock everybody out.
        Path file = write(password);
        database.write(handle -> {
            User admin = new User("admin", "Administrator", Role.ADMINISTRATOR, "zh-CN", true, null);
            Users.put(handle, admin, new Passwords().hash(password));
            audit.append(handle, "system", "", "first_administrator", "admin", "");
            return null;
        });
        LOG.info("first start: administrator 'admin' was created, the password is in {}", file.toAbsolutePath());
    }

    private Path write(String password) {
        Path file = folder.resolve("admin.txt");
        try {
            Files.createDirectories(folder);
            Path fresh = Files.createTempFile(
                    folder,
                    "admin",
                    ".tmp",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(fresh, password + "\n");
            return Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("the administrator's password cannot be written to " + file, e);
        }
    }
}
