package dev.tocsin.standalone.bench;

import dev.tocsin.profiles.detect.RuleState;
import dev.tocsin.profiles.detect.RuleStates;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The rules of one device, on the heap. */
final class DetectorStates implements RuleStates {
    private final Map<String, RuleState> byRule = new HashMap<>();

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
}
