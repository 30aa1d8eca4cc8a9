package dev.tocsin.cloud.devices;

import org.jspecify.annotations.Nullable;

/**
 * Where the registry says something stands.
 *
 * @param name building, floor and room, may be empty
 * @param latitude degrees, WGS 84
 * @param longitude degrees, WGS 84
 */
public record Spot(
        String area,
        String name,
        @Nullable Double latitude,
        @Nullable Double longitude) {}
