package dev.tocsin.cloud.rules;

import dev.tocsin.profiles.profile.LocalText;
import dev.tocsin.profiles.site.EffectiveRules;
import dev.tocsin.profiles.site.RuleSet;
import dev.tocsin.profiles.site.RuleSetException;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All rule sets at one moment, in memory so that they can be asked while the database is away. Immutable.
 *
 * @param newest version of each set by its id, ended ones too
 * @param rules of those in force
 * @param names of the rules that the site added, also of sets that ended
 */
record RuleImage(SortedMap<String, RuleVersion> newest, EffectiveRules rules, Map<String, LocalText> names) {
    static final RuleImage EMPTY = new RuleImage(new TreeMap<>(), EffectiveRules.NONE, Map.of());

    private static final Logger LOG = LoggerFactory.getLogger(RuleImage.class);

    RuleImage {
        newest = Collections.unmodifiableSortedMap(new TreeMap<>(newest));
        names = Map.copyOf(names);
    }

    /** @param lastOfEnded of sets that ended the version before their end */
    static RuleImage of(List<RuleVersion> newest, List<RuleVersion> lastOfEnded) {
        SortedMap<String, RuleVersion> byId = new TreeMap<>();
        newest.forEach(version -> byId.put(version.id(), version));
        Map<String, LocalText> names = new HashMap<>();
        parse(lastOfEnded).all().forEach(set -> addNames(set, names));
        EffectiveRules rules = parse(newest);
        rules.all().forEach(set -> addNames(set, names));
        return new RuleImage(byId, rules, names);
    }

    private static EffectiveRules parse(List<RuleVersion> versions) {
        EffectiveRules rules = EffectiveRules.NONE;
        for (RuleVersion version : versions) {
            if (version.ended()) {
                continue;
            }
            try {
                rules = rules.with(RuleSet.parse(version.text(), version.id()));
            } catch (RuleSetException e) {
                // Stored by an older version of this code, it may be one that this version does not take.
                LOG.error("a stored rule set is not in force: {}", e.getMessage());
            }
        }
        return rules;
    }

    private static void addNames(RuleSet set, Map<String, LocalText> names) {
        set.added().forEach(added -> names.put(added.rule().id(), added.rule().name()));
    }

    int nextVersion() {
        return newest.values().stream().mapToInt(RuleVersion::version).max().orElse(RuleSet.FIRST_VERSION - 1) + 1;
    }
}
