package dev.tocsin.profiles.site;

import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.detect.Condition;
import dev.tocsin.profiles.detect.Rule;
import dev.tocsin.profiles.detect.Schedule;
import dev.tocsin.profiles.profile.Part;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.profile.RuleText;
import dev.tocsin.profiles.profile.Units;
import dev.tocsin.profiles.wire.Topics;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The text of a rule set into a {@link RuleSet}, or all that is wrong with it. */
final class RuleSetReader {
    /** Of each of its lists. */
    private static final int MAX_ENTRIES = 256;

    private static final int MAX_SCOPE = 1_000;
    private static final Pattern RULE = Pattern.compile("(?:\\*|[A-Za-z0-9._:-]{1,64})/[A-Za-z0-9._:-]{1,64}");

    private final List<String> errors = new ArrayList<>();

    private RuleSetReader() {}

    static RuleSet read(String text, String sourceName) throws RuleSetException {
        RuleSetReader reader = new RuleSetReader();
        RuleSet set = Part.read(text, reader.errors, reader::set);
        if (!reader.errors.isEmpty() || set == null) {
            throw new RuleSetException(sourceName, reader.errors);
        }
        return set;
    }

    private RuleSet set(Part root) {
        String id = root.text("id");
        if (!Topics.ID.matcher(id).matches()) {
            root.error("id", "'" + id + "' is not of the characters A-Z a-z 0-9 . _ : - (1 to 64)");
        }
        int version = root.wholeFromOne("version");
        if (version > 0 && version < RuleSet.FIRST_VERSION) {
            root.error("version", "rule sets are counted from " + RuleSet.FIRST_VERSION);
        }
        root.optionalText("note");
        Scope scope = scope(root.optionalObject("scope"));
        List<Change> changes = changes(root);
        List<RuleSet.Added> added = added(root, id, version);
        root.end();
        return new RuleSet(id, version, scope, changes, added);
    }

    private static Scope scope(@Nullable Part part) {
        if (part == null) {
            return new Scope(Set.of(), Set.of(), Set.of(), Set.of());
        }
        Scope scope =
                new Scope(ids(part, "devices"), ids(part, "areas"), ids(part, "profiles"), ids(part, "categories"));
        for (String category : scope.categories()) {
            if (!Profile.CATEGORIES.contains(category)) {
                part.error("categories", "'" + category + "' is none of " + Profile.CATEGORIES);
            }
        }
        part.end();
        return scope;
    }

    private static Set<String> ids(Part part, String key) {
        Set<String> ids = new HashSet<>(part.texts(key));
        if (part.has(key) && (ids.isEmpty() || ids.size() > MAX_SCOPE)) {
            part.error(key, "names 1 to " + MAX_SCOPE + ", or is left out");
        }
        for (String id : ids) {
            if (!Topics.ID.matcher(id).matches()) {
                part.error(key, "'" + id + "' is no legal id");
            }
        }
        return ids;
    }

    private static List<Change> changes(Part root) {
        List<Change> changes = new ArrayList<>();
        Set<String> rules = new HashSet<>();
        List<Part> parts = root.objects("changes");
        if (parts.size() > MAX_ENTRIES) {
            root.error("changes", "more than " + MAX_ENTRIES);
            return changes;
        }
        for (Part part : parts) {
            changes.add(change(part, rules));
        }
        return changes;
    }

    private static Change change(Part part, Set<String> rules) {
        String rule = part.text("rule");
        if (!RULE.matcher(rule).matches() || !rules.add(rule)) {
            part.error("rule", "'" + rule + "' is no rule such as senml-room/fire or */fire, or stands twice");
        }
        Condition when = part.has("when") ? RuleText.condition(part) : null;
        Long onDelayMs = part.has("on-delay") ? (Long) part.durationMs("on-delay", 0) : null;
        Long offDelayMs = part.has("off-delay") ? (Long) part.durationMs("off-delay", 0) : null;
        Severity severity = part.has("severity") ? part.choice("severity", Severity.class) : null;
        Schedule armed = RuleText.armed(part);
        Boolean latching = part.has("latching") ? (Boolean) part.flag("latching", false) : null;
        Boolean enabled = part.has("enabled") ? (Boolean) part.flag("enabled", true) : null;
        Instant shelvedUntil = part.optionalInstant("shelved-until");
        String reason = part.optionalText("reason");
        if (shelvedUntil != null && (reason == null || reason.isBlank())) {
            part.error("reason", "is missing: whoever meets the silence must read why");
        }
        Change change = new Change(
                rule,
                when,
                onDelayMs,
                offDelayMs,
                severity,
                armed,
                latching,
                enabled,
                shelvedUntil,
                part.optionalInstant("test-until"),
                part.optionalInstant("reset-at"));
        part.end();
        if (part.keys().stream().allMatch(key -> key.equals("rule") || key.equals("reason"))) {
            part.error("", "changes nothing");
        }
        return change;
    }

    private static List<RuleSet.Added> added(Part root, String set, int version) {
        List<RuleSet.Added> added = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        List<Part> parts = root.objects("add");
        if (parts.size() > MAX_ENTRIES) {
            root.error("add", "more than " + MAX_ENTRIES);
            return added;
        }
        for (Part part : parts) {
            String metric = part.text("metric");
            String unit = part.text("unit");
            if (!Units.known(unit)) {
                part.error("unit", "'" + unit + "' is no unit that is known" + Units.advice(unit));
            }
            Rule rule = RuleText.read(part, set, version, metric, ids);
            if (rule != null && rule.id().equals(SilenceRule.idOf(set))) {
                part.error("id", "'" + SilenceRule.NAME + "' is the rule of a device that says nothing");
            }
            part.end();
            if (rule != null) {
                added.add(new RuleSet.Added(rule, unit));
            }
        }
        return added;
    }
}
