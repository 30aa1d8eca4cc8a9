package dev.tocsin.stream.backtest;

import dev.tocsin.profiles.detect.Rule;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.ProfileCatalog;
import dev.tocsin.profiles.profile.ProfileException;
import dev.tocsin.profiles.site.Change;
import dev.tocsin.profiles.site.RuleSet;
import dev.tocsin.profiles.site.RuleSetException;
import dev.tocsin.profiles.wire.Topics;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the site says of its devices: its profiles beside the built-in ones, its rule sets, and where its gateways and
 * their devices stand. What cannot be read of it the alarm job does not take either; it is logged.
 */
public final class SiteState {
    private static final Logger LOG = LoggerFactory.getLogger(SiteState.class);

    private final Map<String, Retained> messages;
    private final ProfileCatalog profiles;
    private final Map<String, RuleSet> ruleSets;
    /** Also of rules that a replaced rule set had. */
    private final Set<String> rules;

    private SiteState(
            Map<String, Retained> messages, ProfileCatalog profiles, Map<String, RuleSet> ruleSets, Set<String> rules) {
        this.messages = messages;
        this.profiles = profiles;
        this.ruleSets = ruleSets;
        this.rules = rules;
        profiles.all().forEach(profile -> profile.rules().forEach(rule -> rules.add(rule.id())));
        ruleSets.values()
                .forEach(set ->
                        set.added().forEach(added -> rules.add(added.rule().id())));
    }

    /** @param retained topic and payload of each message below {@link Topics#STATE_FILTER} */
    public static SiteState of(Map<String, byte[]> retained) {
        Map<String, Retained> messages = new LinkedHashMap<>();
        ProfileCatalog profiles = ProfileCatalog.builtIn();
        Map<String, RuleSet> ruleSets = new LinkedHashMap<>();
        for (Map.Entry<String, byte[]> entry : retained.entrySet()) {
            Retained state = new Retained(entry.getKey(), entry.getValue());
            try {
                if (Topics.isProfileState(state.topic())) {
                    profiles = profiles.with(Profile.parse(state.text(), state.topic()));
                } else if (Topics.isRulesState(state.topic())) {
                    ruleSets.put(state.id(), RuleSet.parse(state.text(), state.topic()));
                } else if (!Topics.isGatewayState(state.topic())) {
                    continue;
                }
                messages.put(state.topic(), state);
            } catch (ProfileException | RuleSetException e) {
                LOG.warn("not taken: {}", e.getMessage());
            }
        }
        return new SiteState(messages, profiles, ruleSets, new HashSet<>());
    }

    /**
     * The same with one rule set more, or another in place of the one of its id, whatever their versions.
     *
     * @param sourceName how errors name the text
     * @throws RuleSetException naming everything that is wrong with the text
     * @throws RefusedException naming everything that does not fit this site
     */
    public SiteState with(String yamlOrJson, String sourceName) throws RuleSetException, RefusedException {
        RuleSet set = RuleSet.parse(yamlOrJson, sourceName);
        Map<String, RuleSet> sets = new LinkedHashMap<>(ruleSets);
        sets.remove(set.id());
        List<String> misfits = set.misfits(profiles, sets.values());
        if (!misfits.isEmpty()) {
            throw new RefusedException(sourceName + ":\n  " + String.join("\n  ", misfits));
        }
        sets.put(set.id(), set);
        Map<String, Retained> changed = new LinkedHashMap<>(messages);
        String topic = Topics.stateOfRules(set.id());
        changed.put(topic, new Retained(topic, yamlOrJson.getBytes(StandardCharsets.UTF_8)));
        return new SiteState(changed, profiles, sets, new HashSet<>(rules));
    }

    List<Retained> messages() {
        return List.copyOf(messages.values());
    }

    /** Whether readings can raise that rule, by this state or by the one that it was made of. */
    boolean knows(String rule) {
        return rules.contains(rule);
    }

    /** The longest that a verdict waits for. */
    Duration longestOnDelay() {
        List<Long> delays = new ArrayList<>(List.of(0L));
        for (Profile profile : profiles.all()) {
            profile.rules().stream().map(Rule::onDelayMs).forEach(delays::add);
        }
        Collection<RuleSet> sets = ruleSets.values();
        for (RuleSet set : sets) {
            set.added().stream().map(added -> added.rule().onDelayMs()).forEach(delays::add);
            for (Change change : set.changes()) {
                Long changed = change.onDelayMs();
                if (changed != null) {
                    delays.add(changed);
                }
            }
        }
        return Duration.ofMillis(Collections.max(delays));
    }
}
