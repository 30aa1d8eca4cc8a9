package dev.tocsin.agent.coap;

import dev.tocsin.profiles.wire.Topics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who the devices are that speak over DTLS, from a file that only the agent's user may read. A line is {@code identity,
 * key, device}: the identity that the device tells in its handshake, its key in hex (16 to 64 bytes), the device's id. In
 * place of a key, {@code certificate} says that the device has a certificate with the identity as its common name. Empty
 * lines and those that begin with {@code #} are passed over. A bad line is reported by its number, never by what is in
 * it, and the others are in force. Safe for any thread.
 */
final class Credentials {
    private static final Logger LOG = LoggerFactory.getLogger(Credentials.class);
    private static final int MAX_LINES = 20_000;
    private static final int MAX_FILE_BYTES = 4 * 1024 * 1024;
    private static final int MIN_KEY_BYTES = 16;
    private static final int MAX_KEY_BYTES = 64;
    /** RFC 4279 section 5.3. */
    private static final int MAX_IDENTITY_BYTES = 128;

    private static final String CERTIFICATE = "certificate";
    private static final Set<PosixFilePermission> OWNERS = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private final @Nullable Path file;
    private volatile Table table = new Table(Map.of(), Set.of(), 0);
    /** Of the file as it was last looked at. Guarded by this. */
    private String mark = "";

    /** Why the file cannot be used at all. */
    static final class UnusableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnusableException(String reason) {
            super(reason);
        }
    }

    /** Who somebody is, and how it proves it. */
    static final class Credential {
        private final String identity;
        private final String device;
        private final byte @Nullable [] key;

        private Credential(String identity, String device, byte @Nullable [] key) {
            this.identity = identity;
            this.device = device;
            this.key = key;
        }

        String identity() {
            return identity;
        }

        String device() {
            return device;
        }

        /** A copy; nothing for one that has a certificate. */
        byte @Nullable [] key() {
            return key == null ? null : key.clone();
        }

        private boolean isStill(@Nullable Credential other) {
            return other != null && device.equals(other.device) && MessageDigest.isEqual(key, other.key);
        }
    }

    private record Table(Map<String, Credential> byIdentity, Set<String> devices, int badLines) {}

    /** @param file null for nobody */
    Credentials(@Nullable Path file) {
        this.file = file;
    }

    @Nullable
    Credential find(String identity) {
        return table.byIdentity().get(identity);
    }

    /** Whether a device has any, so that nobody may speak for it without. */
    boolean has(String device) {
        return table.devices().contains(device);
    }

    /** With a key, for the agent to use when it is the device that is asked. */
    @Nullable
    Credential withKeyOf(String device) {
        return table.byIdentity().values().stream()
                .filter(credential -> credential.key != null && credential.device.equals(device))
                .findFirst()
                .orElse(null);
    }

    int size() {
        return table.byIdentity().size();
    }

    int badLines() {
        return table.badLines();
    }

    /**
     * Reads the file where it is not what it was.
     *
     * @return identities that are no more, or are somebody else's, or have another key
     * @throws UnusableException saying why nothing of it is taken; what was in force stays so
     */
    synchronized Set<String> readAgain() throws UnusableException {
        if (file == null) {
            return Set.of();
        }
        String now;
        List<String> lines;
        try {
            PosixFileAttributes attributes = Files.readAttributes(file, PosixFileAttributes.class);
            now = attributes.lastModifiedTime() + " " + attributes.size() + " " + attributes.fileKey() + " "
                    + attributes.permissions();
            if (now.equals(mark)) {
                return Set.of();
            }
            mark = now;
            if (!OWNERS.containsAll(attributes.permissions())) {
                throw new UnusableException(file + " may be read by others than its owner: chmod 600 " + file);
            }
            if (attributes.size() > MAX_FILE_BYTES) {
                throw new UnusableException(file + " is longer than " + MAX_FILE_BYTES + " bytes");
            }
            lines = Files.readString(file, StandardCharsets.UTF_8).lines().toList();
        } catch (IOException | UnsupportedOperationException e) {
            mark = "";
            throw new UnusableException(file + " cannot be read: " + e);
        }
        if (lines.size() > MAX_LINES) {
            throw new UnusableException(file + " has " + lines.size() + " lines; " + MAX_LINES + " may be");
        }
        Table before = table;
        table = read(lines);
        LOG.info("{} credentials of {} devices from {}", size(), table.devices().size(), file);
        Set<String> over = new HashSet<>();
        before.byIdentity().forEach((identity, credential) -> {
            if (!credential.isStill(find(identity))) {
                over.add(identity);
            }
        });
        return over;
    }

    private Table read(List<String> lines) {
        Map<String, Credential> byIdentity = new HashMap<>();
        Set<String> devices = new HashSet<>();
        List<String> bad = new ArrayList<>();
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i).trim();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            try {
                Credential credential = credential(line);
                if (byIdentity.putIfAbsent(credential.identity, credential) != null) {
                    throw new IllegalArgumentException("the identity stands in an earlier line");
                }
                devices.add(credential.device);
            } catch (IllegalArgumentException e) {
                bad.add("line " + (i + 1) + ": " + e.getMessage());
            }
        }
        bad.forEach(what -> LOG.error("{} {}", file, what));
        return new Table(byIdentity, devices, bad.size());
    }

    private static Credential credential(String line) {
        String[] parts = line.split(",", -1);
        if (parts.length != 3) {
            throw new IllegalArgumentException("is no identity,key,device");
        }
        String identity = parts[0].trim();
        int length = identity.getBytes(StandardCharsets.UTF_8).length;
        if (length < 1 || length > MAX_IDENTITY_BYTES) {
            throw new IllegalArgumentException("the identity has " + length + " bytes; 1 to " + MAX_IDENTITY_BYTES);
        }
        String device = parts[2].trim();
        if (!Topics.ID.matcher(device).matches()) {
            throw new IllegalArgumentException("the device's id is not of A-Z a-z 0-9 . _ : - (1 to 64)");
        }
        String key = parts[1].trim();
        return new Credential(identity, device, key.equals(CERTIFICATE) ? null : key(key));
    }

    private static byte[] key(String hex) {
        byte[] key;
        try {
            key = HexFormat.of().parseHex(hex);
        } catch (IllegalArgumentException e) {
            // Its own words would quote the key.
            throw new IllegalArgumentException("the key is neither hex nor the word " + CERTIFICATE);
        }
        if (key.length < MIN_KEY_BYTES || key.length > MAX_KEY_BYTES) {
            throw new IllegalArgumentException(
                    "the key has " + key.length + " bytes; " + MIN_KEY_BYTES + " to " + MAX_KEY_BYTES);
        }
        return key;
    }
}
