package dev.tocsin.standalone.broker.access;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The users as the files have them now, the site's and, for devices, the API's: they are looked at again every second at
 * most, so that a gateway can be enrolled while the broker runs. A file that became unreadable leaves the users as they were and is logged once a change. Safe
 * for many threads.
 */
final class UserFile {
    private static final Logger LOG = LoggerFactory.getLogger(UserFile.class);

    private final Path file;
    private final Path devices;
    private final LookAgain lookAgain;
    private volatile Map<String, User> users;
    private volatile Map<String, Grants> grants = Map.of();
    private List<FileTime> readOfTime;

    /**
     * @param devices more users, which may be sensors and nothing else, and take no name of the first file; need not exist
     * @throws IOException when a file cannot be read or a line of it is wrong
     */
    UserFile(Path file, Path devices, Clock clock) throws IOException {
        this.file = file;
        this.devices = devices;
        this.lookAgain = new LookAgain(clock);
        this.readOfTime = changed();
        this.users = readBoth();
        lookAgain.looked();
        rebuildGrants();
    }

    /** Users by name, in the order of the file. */
    static Map<String, User> read(Path file) throws IOException {
        Map<String, User> users = new LinkedHashMap<>();
        List<String> lines = Files.readAllLines(file);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                User user = User.parse(line);
                if (users.put(user.name(), user) != null) {
                    throw new IllegalArgumentException("'" + user.name() + "' is there twice");
                }
            } catch (IllegalArgumentException e) {
                throw new IOException(file + ", line " + (i + 1) + ": " + e.getMessage(), e);
            }
        }
        return users;
    }

    @Nullable
    User find(String name) {
        lookAgain();
        return users.get(name);
    }

    @Nullable
    Grants grantsOf(String name) {
        lookAgain();
        return grants.get(name);
    }

    private void lookAgain() {
        if (lookAgain.isDue()) {
            reload();
        }
    }

    private synchronized void reload() {
        if (!lookAgain.isDue()) {
            return;
        }
        lookAgain.looked();
        List<FileTime> changed = readOfTime;
        try {
            changed = changed();
            if (!changed.equals(readOfTime)) {
                users = readBoth();
                rebuildGrants();
            }
        } catch (IOException e) {
            LOG.error("The users of the broker stay as they were: {}", e.getMessage());
        }
        readOfTime = changed;
    }

    private List<FileTime> changed() throws IOException {
        FileTime ofDevices = Files.exists(devices) ? Files.getLastModifiedTime(devices) : FileTime.fromMillis(0);
        return List.of(Files.getLastModifiedTime(file), ofDevices);
    }

    private Map<String, User> readBoth() throws IOException {
        Map<String, User> all = read(file);
        if (Files.exists(devices)) {
            for (User device : read(devices).values()) {
                if (device.role() != Role.SENSOR) {
                    throw new IOException(devices + ": '" + device.name() + "' is no sensor");
                }
                if (all.putIfAbsent(device.name(), device) != null) {
                    LOG.warn("The device '{}' has the name of a user in {}: it cannot log in", device.name(), file);
                }
            }
        }
        return all;
    }

    private void rebuildGrants() {
        Map<String, Grants> rebuilt = new LinkedHashMap<>();
        users.values().forEach(user -> rebuilt.put(user.name(), user.grants()));
        grants = rebuilt;
    }
}
