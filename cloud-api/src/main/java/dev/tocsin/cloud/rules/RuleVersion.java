package dev.tocsin.cloud.rules;

import java.time.Instant;

/**
 * One version of one rule set.
 *
 * @param text as it was written, YAML or JSON; empty where this version ended the set
 * @param by name of the user
 */
record RuleVersion(String id, int version, String text, String by, String displayName, Instant at) {
    boolean ended() {
        return text.isEmpty();
    }
}
