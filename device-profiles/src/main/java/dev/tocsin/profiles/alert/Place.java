package dev.tocsin.profiles.alert;

import org.jspecify.annotations.Nullable;

/**
 * Where something stands. An alert keeps the place its device had at the raise.
 *
 * @param areas ids of areas from the root (district) down; at least one
 * @param name building, floor and room in the words of the site, may be empty
 * @param latitude degrees, WGS 84, -90 to 90
 * @param longitude degrees, WGS 84, -180 to 180
 */
public record Place(
        String[] areas,
        String name,
        @Nullable Double latitude,
        @Nullable Double longitude) {
    public Place {
        if (areas.length == 0) {
            throw new IllegalArgumentException("a place needs at least one area");
        }
        areas = areas.clone();
        for (String area : areas) {
            if (area == null || area.isEmpty()) {
                throw new IllegalArgumentException("an area of a place has no id");
            }
        }
    }

    /** The innermost area. */
    public String area() {
        return areas[areas.length - 1];
    }
}
