package dev.tocsin.profiles.profile;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.detect.Condition;
import dev.tocsin.profiles.detect.Orders;
import dev.tocsin.profiles.detect.Rule;
import dev.tocsin.profiles.detect.Schedule;
import dev.tocsin.profiles.wire.Topics;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One rule, to and from its text: the same in a profile and in a site's rule set. */
public final class RuleText {
    private static final ObjectMapper JSON = new ObjectMapper();

    private RuleText() {}

    /**
     * Everything but the metric, of which only the caller knows what it may be.
     *
     * @param owner stands before the rule's id
     * @param ids those of the same owner; the rule's is added
     * @return null after an error
     */
    public static @Nullable Rule read(Part part, String owner, int version, String metric, Set<String> ids) {
        String id = part.text("id");
        if (!Topics.ID.matcher(id).matches() || !ids.add(id)) {
            part.error("id", "'" + id + "' is no legal id, or stands twice");
        }
        Condition condition = condition(part);
        Schedule armed = armed(part);
        boolean latching = part.flag("latching", false);
        long onDelayMs = part.durationMs("on-delay", 0);
        long offDelayMs = part.durationMs("off-delay", 0);
        AlertKind kind = part.choice("kind", AlertKind.class);
        Severity severity = part.choice("severity", Severity.class);
        LocalText name = part.localText("name");
        if (condition == null || kind == null || severity == null) {
            return null;
        }
        try {
            return new Rule(
                    owner + "/" + id,
                    version,
                    metric,
                    condition,
                    onDelayMs,
                    offDelayMs,
                    kind,
                    severity,
                    name,
                    armed == null ? Schedule.ALWAYS : armed,
                    latching,
                    Orders.NONE);
        } catch (IllegalArgumentException e) {
            part.error("", String.valueOf(e.getMessage()));
            return null;
        }
    }

    /** What stands under {@code when}; null after an error. */
    public static @Nullable Condition condition(Part rule) {
        return ConditionText.read(rule);
    }

    /** What stands under {@code armed}; null where nothing does, and after an error. */
    public static @Nullable Schedule armed(Part rule) {
        Part part = rule.optionalObject("armed");
        if (part == null) {
            return null;
        }
        String zone = part.text("zone");
        List<String> times = part.texts("times");
        part.end();
        try {
            return Schedule.parse(zone, times);
        } catch (IllegalArgumentException e) {
            part.error("", String.valueOf(e.getMessage()));
            return null;
        }
    }

    static ObjectNode write(Rule rule) {
        ObjectNode node = JSON.createObjectNode();
        node.put("id", rule.id().substring(rule.id().indexOf('/') + 1));
        node.put("metric", rule.metric());
        ObjectNode when = node.putObject("when");
        ConditionText.write(rule.condition(), when);
        node.put("on-delay", Part.duration(rule.onDelayMs())).put("off-delay", Part.duration(rule.offDelayMs()));
        node.put("latching", rule.latching());
        node.put("kind", ProfileWriter.word(rule.kind())).put("severity", ProfileWriter.word(rule.severity()));
        node.set("name", ProfileWriter.text(rule.name()));
        if (!rule.armed().times().isEmpty()) {
            ObjectNode armed = node.putObject("armed");
            armed.put("zone", rule.armed().zone().getId());
            armed.set("times", ProfileWriter.strings(rule.armed().times()));
        }
        return node;
    }
}
