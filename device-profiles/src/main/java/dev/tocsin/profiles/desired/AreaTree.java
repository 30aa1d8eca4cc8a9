package dev.tocsin.profiles.desired;

import dev.tocsin.profiles.profile.LocalText;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The areas of a site (district, town or street, grid), retained on {@code tocsin/v1/state/areas}. */
public record AreaTree(long version, List<Area> areas) {

    /** One area; the root has no parent. */
    public record Area(String id, @Nullable String parent, LocalText name) {}

    public AreaTree {
        areas = List.copyOf(areas);
    }
}
