package dev.tocsin.profiles.detect;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where the host of the detectors keeps the state of one device's rules. */
public interface RuleStates {
    @Nullable
    RuleState get(String ruleId);

    void put(String ruleId, RuleState state);

    void remove(String ruleId);

    /** On the heap, in a map by the rules' ids; as thread-safe as the map. */
    static RuleStates in(Map<String, RuleState> byRule) {
        return new RuleStates() {
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
        };
    }
}
