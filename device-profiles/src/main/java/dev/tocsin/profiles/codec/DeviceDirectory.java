package dev.tocsin.profiles.codec;

import org.jspecify.annotations.Nullable;

/** What the decoder must know of the registry. Safe for any thread. */
public interface DeviceDirectory {
    /** Id of an enrolled device's profile; null for a device that is not enrolled. */
    @Nullable
    String profileOf(String device);

    /** Whether devices that are not enrolled are taken. */
    boolean open();
}
