package dev.tocsin.cloud.devices;

import org.jspecify.annotations.Nullable;

/**
 * A device of the registry.
 *
 * @param spot null where it stands at its gateway's
 */
public record RegisteredDevice(
        String id,
        String gateway,
        String profile,
        String name,
        @Nullable Spot spot) {}
