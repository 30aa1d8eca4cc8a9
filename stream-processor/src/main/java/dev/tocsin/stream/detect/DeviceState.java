package dev.tocsin.stream.detect;

import dev.tocsin.profiles.detect.RuleState;
import java.util.Arrays;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Everything that the detectors remember of a device, in one value: a batch of its readings costs one look into the
 * store, and in memory few lines of cache, however many devices there are. A device has few rules, so they are searched
 * one after the other. Mutable, for one thread; a Flink POJO.
 */
public final class DeviceState {
    /** Null for a device of a backlog, of which nothing but rules is remembered. */
    public @Nullable Where where;

    /** Keys of the {@link #states} of the same index. */
    public String[] rules = new String[0];

    public RuleState[] states = new RuleState[0];

    public DeviceState() {}

    @Nullable
    RuleState get(String key) {
        int i = indexOf(key);
        return i < 0 ? null : states[i];
    }

    void put(String key, RuleState state) {
        int i = indexOf(key);
        if (i < 0) {
            i = rules.length;
            rules = Arrays.copyOf(rules, i + 1);
            states = Arrays.copyOf(states, i + 1);
        }
        // The caller's own string, which all devices share, and not the equal one that a store gave to each.
        rules[i] = key;
        states[i] = state;
    }

    void remove(String key) {
        removeIf(key::equals);
    }

    void removeIf(Predicate<String> which) {
        int kept = 0;
        for (int i = 0; i < rules.length; i++) {
            if (!which.test(rules[i])) {
                rules[kept] = rules[i];
                states[kept++] = states[i];
            }
        }
        rules = Arrays.copyOf(rules, kept);
        states = Arrays.copyOf(states, kept);
    }

    private int indexOf(String key) {
        for (int i = 0; i < rules.length; i++) {
            if (rules[i].equals(key)) {
                return i;
            }
        }
        return -1;
    }
}
