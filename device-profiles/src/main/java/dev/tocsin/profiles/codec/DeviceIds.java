package dev.tocsin.profiles.codec;

import dev.tocsin.profiles.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;

/** The id of a device from the name that a topic, a path or a message gives it. */
public final class DeviceIds {
    private static final int KEPT_CHARACTERS = 55;

    private DeviceIds() {}

    /**
     * A name that is a legal id is the id. Of any other, each character that is not legal becomes {@code -}, the whole
     * is cut, and a dot with the CRC-32 of the name in UTF-8 (8 hex digits) is added, so that {@code Hall 1} and
     * {@code Hall-1} stay two devices: {@code Kitchen smoke} is {@code Kitchen-smoke.}, then those digits.
     */
    public static String legal(String name) {
        if (Topics.ID.matcher(name).matches()) {
            return name;
        }
        StringBuilder id = new StringBuilder();
        for (int i = 0; i < name.length() && id.length() < KEPT_CHARACTERS; i++) {
            char c = name.charAt(i);
            id.append(Topics.ID.matcher(String.valueOf(c)).matches() ? c : '-');
        }
        CRC32 crc = new CRC32();
        crc.update(name.getBytes(StandardCharsets.UTF_8));
        return id.append('.').append(String.format("%08x", crc.getValue())).toString();
    }
}
