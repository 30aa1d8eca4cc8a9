package dev.tocsin.profiles.site;

import dev.tocsin.profiles.profile.Profile;
import java.util.Set;

/**
 * To what a rule set applies: a device must be of one of each kind that is named. Kinds that are empty say nothing;
 * when all are, it applies to everything.
 *
 * @param areas ids; a device in any area below one of them is in it
 * @param categories of profiles
 */
public record Scope(Set<String> devices, Set<String> areas, Set<String> profiles, Set<String> categories) {
    public Scope {
        devices = Set.copyOf(devices);
        areas = Set.copyOf(areas);
        profiles = Set.copyOf(profiles);
        categories = Set.copyOf(categories);
    }

    boolean covers(Profile profile, String device, String[] areaPath) {
        return (devices.isEmpty() || devices.contains(device))
                && (areas.isEmpty() || depth(areaPath) > 0)
                && (profiles.isEmpty() || profiles.contains(profile.id()))
                && (categories.isEmpty() || categories.contains(profile.category()));
    }

    /**
     * How closely it names a device that it covers: a device more closely than any area, an inner area more closely
     * than an outer one, an area more closely than a profile, a profile more closely than a category.
     */
    int closeness(String[] areaPath) {
        int named = (devices.isEmpty() ? 0 : 2) + (depth(areaPath) > 0 ? 1 : 0);
        return ((named << 16 | depth(areaPath)) << 2) + (profiles.isEmpty() ? 0 : 2) + (categories.isEmpty() ? 0 : 1);
    }

    /** Of the innermost area that it names, from 1; 0 for none. */
    private int depth(String[] areaPath) {
        for (int i = areaPath.length; i > 0; i--) {
            if (areas.contains(areaPath[i - 1])) {
                return i;
            }
        }
        return 0;
    }
}
