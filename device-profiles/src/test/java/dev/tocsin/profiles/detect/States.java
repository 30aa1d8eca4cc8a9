package dev.tocsin.profiles.detect;

import java.util.HashMap;
import java.util.Map;

/** The states of one device's rules, in memory. */
public final class States implements RuleStates {
    public final Map<String, RuleState> byRule = new HashMap<>();

    @Override
    public RuleState get(String ruleId) {
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
}
