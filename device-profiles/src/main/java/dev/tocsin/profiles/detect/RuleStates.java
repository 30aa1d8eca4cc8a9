package dev.tocsin.profiles.detect;

import org.jspecify.annotations.Nullable;

/** Where the host of the detectors keeps the state of one device's rules. */
public interface RuleStates {
    @Nullable
    RuleState get(String ruleId);

    void put(String ruleId, RuleState state);

    void remove(String ruleId);
}
