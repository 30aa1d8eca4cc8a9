package dev.tocsin.cloud.devices;

import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.detect.Condition;
import dev.tocsin.profiles.detect.Rule;
import dev.tocsin.profiles.profile.LocalText;
import dev.tocsin.profiles.profile.Metric;
import dev.tocsin.profiles.profile.Profile;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A profile as the contract shows it: what it measures and which limits it has, not how its bytes are read. */
record ProfileView(
        String id,
        int version,
        LocalText name,
        String category,
        List<MetricView> metrics,
        List<RuleView> rules,
        @Nullable Long reportIntervalMs,
        long silentAfterMs) {

    static final Map<Class<? extends Condition>, String> CONDITIONS = Map.of(
            Condition.Above.class, "above",
            Condition.Below.class, "below",
            Condition.RateOfRise.class, "rate_of_rise",
            Condition.RateOfFall.class, "rate_of_fall",
            Condition.Exposure.class, "exposure",
            Condition.Drift.class, "drift",
            Condition.Unusual.class, "unusual",
            Condition.Faulty.class, "fault");

    record MetricView(
            String name,
            String unit,
            LocalText label,
            @Nullable Double min,
            @Nullable Double max) {
        static MetricView of(Metric metric) {
            return new MetricView(
                    metric.name(), metric.unit(), metric.label(), finite(metric.min()), finite(metric.max()));
        }

        private static @Nullable Double finite(double value) {
            return Double.isFinite(value) ? value : null;
        }
    }

    record RuleView(
            String id,
            String metric,
            AlertKind kind,
            Severity severity,
            LocalText name,
            String condition,
            double limit,
            long onDelayMs,
            long offDelayMs,
            @Nullable String ruleSet,
            @Nullable Instant shelvedUntil,
            @Nullable Instant testUntil) {
        /** @param ruleSet that had the last word on it; null where the profile had */
        static RuleView of(Rule rule, @Nullable String ruleSet) {
            return new RuleView(
                    rule.id(),
                    rule.metric(),
                    rule.kind(),
                    rule.severity(),
                    rule.name(),
                    name(rule.condition()),
                    rule.condition().limit(),
                    rule.onDelayMs(),
                    rule.offDelayMs(),
                    ruleSet,
                    time(rule.orders().suspendedUntilMs()),
                    time(rule.orders().testUntilMs()));
        }

        static @Nullable Instant time(long ms) {
            return ms == 0 ? null : Instant.ofEpochMilli(ms);
        }

        private static String name(Condition condition) {
            return CONDITIONS.entrySet().stream()
                    .filter(entry -> entry.getKey().isInstance(condition))
                    .map(Map.Entry::getValue)
                    .findFirst()
                    .orElseThrow();
        }
    }

    static ProfileView of(Profile profile) {
        return new ProfileView(
                profile.id(),
                profile.version(),
                profile.name(),
                profile.category(),
                profile.metrics().values().stream().map(MetricView::of).toList(),
                profile.rules().stream().map(rule -> RuleView.of(rule, null)).toList(),
                profile.reportIntervalMs() > 0 ? profile.reportIntervalMs() : null,
                profile.silentAfterMs());
    }
}
