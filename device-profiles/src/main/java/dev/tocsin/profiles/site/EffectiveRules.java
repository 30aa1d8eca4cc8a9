package dev.tocsin.profiles.site;

import dev.tocsin.profiles.detect.Rule;
import dev.tocsin.profiles.profile.Profile;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The rules of each device after everything that its site changed. Rule sets are applied from the one that names a
 * device least closely to the one that names it most closely, of equals in the order of their ids, each over what the
 * former left; so the closest has the last word on each key. Immutable but for what it remembers; safe for any thread.
 */
public final class EffectiveRules {
    /** No rule set at all. */
    public static final EffectiveRules NONE = new EffectiveRules(List.of());

    /** Profiles and places that are remembered, and devices that are named; of more, all are computed anew. */
    private static final int MAX_REMEMBERED = 8_192;

    private final Map<String, RuleSet> sets;
    private final Set<String> namedDevices = new HashSet<>();
    private final Map<Key, Remembered> remembered = new ConcurrentHashMap<>();

    /**
     * A profile with the rules that hold.
     *
     * @param silence when the device counts as silent
     * @param mark differs when anything was decided differently: by another version of the profile, or by another
     *     version of any rule set, or by one more or less of them
     */
    public record Effective(Profile profile, SilenceRule silence, long mark) {
        static Effective unchanged(Profile profile) {
            return new Effective(profile, SilenceRule.of(profile), profile.version());
        }

        /** Whether the rule, or that about silence, is one of them. */
        public boolean has(String rule) {
            return (silence.afterMs() > 0 && rule.equals(silence.id()))
                    || profile.rules().stream().anyMatch(one -> one.id().equals(rule));
        }
    }

    /** @param device empty where no rule set names it */
    private record Key(String profile, List<String> areaPath, String device) {}

    /** @param from what it was made of; a profile can be replaced by another of its name */
    private record Remembered(Profile from, Effective effective) {}

    private EffectiveRules(Collection<RuleSet> sets) {
        Map<String, RuleSet> byId = new HashMap<>();
        for (RuleSet set : sets) {
            byId.put(set.id(), set);
            namedDevices.addAll(set.scope().devices());
        }
        this.sets = Map.copyOf(byId);
    }

    /**
     * These after a message of the topic of a rule set: one more, one replaced, or one ended by an empty message or an
     * empty set. What has ended is forgotten.
     *
     * @return these themselves where it changes nothing
     * @throws RuleSetException naming everything that is wrong; then it changes nothing either
     */
    public EffectiveRules after(String topic, byte[] payload) throws RuleSetException {
        String id = topic.substring(topic.lastIndexOf('/') + 1);
        RuleSet before = sets.get(id);
        if (payload.length == 0) {
            return before == null ? this : without(id);
        }
        RuleSet set = RuleSet.parse(new String(payload, StandardCharsets.UTF_8), topic);
        if (!set.id().equals(id)) {
            throw new RuleSetException(topic, List.of("/id: '" + set.id() + "' is not that of the topic"));
        }
        if (before != null && set.version() == before.version()) {
            // Told again, after a reconnect.
            return this;
        }
        if (before != null && set.version() < before.version()) {
            throw new RuleSetException(
                    topic,
                    List.of("/version: " + set.version() + " is older than " + before.version() + ", which stays"));
        }
        if (set.isEmpty()) {
            return before == null ? this : without(id);
        }
        if (before == null && sets.size() >= RuleSet.MAX_SETS) {
            throw new RuleSetException(topic, List.of("/: there are " + RuleSet.MAX_SETS + " rule sets already"));
        }
        return with(set);
    }

    /** These with one set more, or one replaced. */
    public EffectiveRules with(RuleSet set) {
        Map<String, RuleSet> more = new HashMap<>(sets);
        more.put(set.id(), set);
        return new EffectiveRules(more.values());
    }

    public EffectiveRules without(String id) {
        Map<String, RuleSet> fewer = new HashMap<>(sets);
        fewer.remove(id);
        return new EffectiveRules(fewer.values());
    }

    public @Nullable RuleSet find(String id) {
        return sets.get(id);
    }

    public Collection<RuleSet> all() {
        return sets.values();
    }

    /** @param areaPath from the root to the device's own */
    @SuppressWarnings("ReferenceEquality") // comparing what two profiles say costs more than applying the rule sets
    public Effective of(Profile profile, String device, String[] areaPath) {
        if (sets.isEmpty()) {
            return Effective.unchanged(profile);
        }
        Key key = new Key(profile.id(), Arrays.asList(areaPath), namedDevices.contains(device) ? device : "");
        Remembered known = remembered.get(key);
        if (known == null || known.from() != profile) {
            known = new Remembered(profile, apply(profile, device, areaPath));
            if (remembered.size() >= MAX_REMEMBERED) {
                remembered.clear();
            }
            remembered.put(key, known);
        }
        return known.effective();
    }

    private Effective apply(Profile profile, String device, String[] areaPath) {
        List<RuleSet> covering = sets.values().stream()
                .filter(set -> !set.isEmpty() && set.scope().covers(profile, device, areaPath))
                .sorted(Comparator.<RuleSet>comparingInt(set -> set.scope().closeness(areaPath))
                        .thenComparing(RuleSet::id))
                .toList();
        if (covering.isEmpty()) {
            return Effective.unchanged(profile);
        }
        List<Rule> originals = RuleSet.rulesOf(profile, covering);
        List<Rule> rules = new ArrayList<>();
        for (Rule rule : originals) {
            Rule changed = changed(rule, profile, covering);
            if (changed != null) {
                rules.add(changed);
            }
        }
        long mark = profile.version();
        for (RuleSet set : covering) {
            mark = mark * 1_000_003 + set.version();
        }
        SilenceRule silence = changed(SilenceRule.of(profile), RuleSet.isLifeSafety(originals), covering);
        return new Effective(profile.withRules(rules), silence, mark);
    }

    private static SilenceRule changed(SilenceRule original, boolean lifeSafety, List<RuleSet> covering) {
        if (original.afterMs() == 0) {
            return original;
        }
        SilenceRule rule = original;
        boolean enabled = true;
        for (RuleSet set : covering) {
            for (Change change : set.changes()) {
                if (change.isAbout(original.id())
                        && change.misfits(original, lifeSafety).isEmpty()) {
                    rule = change.madeOn(rule, set.version());
                    enabled = change.enabled() == null ? enabled : change.enabled();
                }
            }
        }
        return enabled ? rule : new SilenceRule(rule.profile(), rule.version(), 0, rule.severity(), 0);
    }

    /** Null where it is disabled. */
    private static @Nullable Rule changed(Rule original, Profile profile, List<RuleSet> covering) {
        Rule rule = original;
        boolean enabled = true;
        for (RuleSet set : covering) {
            for (Change change : set.changes()) {
                if (change.isAbout(original.id())
                        && change.misfits(original, RuleSet.metricOf(original, profile))
                                .isEmpty()) {
                    rule = change.madeOn(rule, set.version());
                    enabled = change.enabled() == null ? enabled : change.enabled();
                }
            }
        }
        return enabled ? rule : null;
    }
}
