package dev.tocsin.agent.judge;

import dev.tocsin.profiles.detect.RuleState;
import dev.tocsin.profiles.detect.RuleStates;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the rules of one {@link Subject} are in the midst of. */
final class SubjectStates implements RuleStates {
    private final Map<String, RuleState> byRule = new HashMap<>(4);
    /** By which its device was last judged: a rule set's rule does not tell it. Empty when it never was. */
    private String profile = "";
    /** Of the rules that it was last judged by. */
    private long mark;

    @Override
    public @Nullable RuleState get(String ruleId) {
        return byRule.get(ruleId);
    }

    @Override
    public void put(String ruleId, RuleState state) {
        byRule.put(ruleId, state);
    }

    @Override
    public void remove(String ruleId) {
        byRule.remove(ruleId);
    }

    String profile() {
        return profile;
    }

    /** By this profile it was judged in an earlier run. */
    void judgedBy(String profileId) {
        profile = profileId;
    }

    void judgedBy(String profileId, long ruleMark) {
        profile = profileId;
        mark = ruleMark;
    }

    boolean isJudgedBy(String profileId, long ruleMark) {
        return mark == ruleMark && profile.equals(profileId);
    }

    List<String> rules() {
        return List.copyOf(byRule.keySet());
    }

    /** Rules that a delay runs of, or that are raised. */
    List<String> holding() {
        return byRule.entrySet().stream()
                .filter(entry -> !entry.getValue().nothingHolds())
                .map(Map.Entry::getKey)
                .toList();
    }

    Map<String, Integer> phases() {
        Map<String, Integer> phases = new HashMap<>(4);
        byRule.forEach((rule, state) -> phases.put(rule, state.phase));
        return phases;
    }

    Set<String> changedSince(Map<String, Integer> before) {
        Set<String> changed = new HashSet<>(0);
        byRule.forEach((rule, state) -> {
            Integer phase = before.get(rule);
            if (phase == null ? !state.nothingHolds() : phase != state.phase) {
                changed.add(rule);
            }
        });
        return changed;
    }
}
