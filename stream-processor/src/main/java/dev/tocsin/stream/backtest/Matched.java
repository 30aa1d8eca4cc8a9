package dev.tocsin.stream.backtest;

import dev.tocsin.profiles.alert.Alert;
import dev.tocsin.profiles.alert.Severity;
import java.time.Instant;

/** What is compared of an alert. */
record Matched(String rule, String device, Instant onset, Severity severity, int ruleVersion) {
    static Matched of(Alert alert) {
        return new Matched(alert.rule(), alert.device(), alert.onset(), alert.severity(), alert.ruleVersion());
    }
}
