package dev.tocsin.agent.acquire;

import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.SourcePattern;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/** The subscriptions that bring every message of a set of profiles. */
final class Filters {
    private Filters() {}

    /** Without those that another one covers: a broker may deliver a message once for each filter it matches. */
    static List<String> of(Collection<Profile> profiles) {
        TreeSet<String> all = new TreeSet<>();
        for (Profile profile : profiles) {
            profile.mqttTopics().stream().map(SourcePattern::filter).forEach(all::add);
        }
        List<String> needed = new ArrayList<>();
        for (String filter : all) {
            if (all.stream().noneMatch(other -> !other.equals(filter) && covers(other, filter))) {
                needed.add(filter);
            }
        }
        return needed;
    }

    static boolean covers(String wide, String narrow) {
        String[] wideLevels = wide.split("/", -1);
        String[] narrowLevels = narrow.split("/", -1);
        if (wideLevels.length != narrowLevels.length) {
            return false;
        }
        for (int i = 0; i < wideLevels.length; i++) {
            if (!wideLevels[i].equals("+") && !wideLevels[i].equals(narrowLevels[i])) {
                return false;
            }
        }
        return true;
    }
}
