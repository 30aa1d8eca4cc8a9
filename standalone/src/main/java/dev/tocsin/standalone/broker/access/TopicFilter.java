package dev.tocsin.standalone.broker.access;

import java.util.List;

/**
 * An MQTT topic filter, and how two of them stand to each other (MQTT 5.0, clause 4.7). A topic name is a filter
 * without wildcards.
 */
record TopicFilter(List<String> levels) {
    private static final String ANY_LEVELS = "#";
    private static final String ONE_LEVEL = "+";

    TopicFilter {
        levels = List.copyOf(levels);
    }

    static TopicFilter of(String filter) {
        return new TopicFilter(List.of(filter.split("/", -1)));
    }

    /** Every topic that matches {@code other} matches this one too. */
    boolean covers(TopicFilter other) {
        if (startsWild() && other.isOfTheServer()) {
            return false;
        }
        for (int i = 0; i < levels.size(); i++) {
            String mine = levels.get(i);
            if (mine.equals(ANY_LEVELS)) {
                return true;
            }
            if (i == other.levels.size()) {
                return false;
            }
            String theirs = other.levels.get(i);
            boolean wider = mine.equals(ONE_LEVEL) && !theirs.equals(ANY_LEVELS);
            if (!wider && !mine.equals(theirs)) {
                return false;
            }
        }
        return levels.size() == other.levels.size();
    }

    /** At least one topic matches both. */
    boolean overlaps(TopicFilter other) {
        if (startsWild() && other.isOfTheServer() || other.startsWild() && isOfTheServer()) {
            return false;
        }
        int shared = Math.min(levels.size(), other.levels.size());
        for (int i = 0; i < shared; i++) {
            String mine = levels.get(i);
            String theirs = other.levels.get(i);
            if (mine.equals(ANY_LEVELS) || theirs.equals(ANY_LEVELS)) {
                return true;
            }
            if (!mine.equals(theirs) && !mine.equals(ONE_LEVEL) && !theirs.equals(ONE_LEVEL)) {
                return false;
            }
        }
        // "a/#" also matches "a".
        return levels.size() == other.levels.size() || endsOpenAt(shared) || other.endsOpenAt(shared);
    }

    private boolean endsOpenAt(int level) {
        return levels.size() == level + 1 && levels.get(level).equals(ANY_LEVELS);
    }

    private boolean startsWild() {
        return levels.get(0).equals(ANY_LEVELS) || levels.get(0).equals(ONE_LEVEL);
    }

    /** Topics of the server begin with a dollar and are never meant by a wildcard in the first level. */
    private boolean isOfTheServer() {
        return levels.get(0).startsWith("$");
    }

    @Override
    public String toString() {
        return String.join("/", levels);
    }
}
