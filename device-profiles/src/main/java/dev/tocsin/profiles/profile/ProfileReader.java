package dev.tocsin.profiles.profile;

import com.fasterxml.jackson.core.JsonPointer;
import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.detect.Condition;
import dev.tocsin.profiles.detect.FlatLine;
import dev.tocsin.profiles.detect.Rule;
import dev.tocsin.profiles.wire.Topics;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A profile's file into a {@link Profile}, or all that is wrong with it. */
final class ProfileReader {
    private static final int MAX_METRICS = 256;
    private static final int MAX_RULES = 256;
    /** Ends the id of the rule that every metric has. */
    private static final String FAULT = ".fault";

    private static final long FAULT_ON_DELAY_MS = 60_000;
    private static final long FAULT_OFF_DELAY_MS = 300_000;

    private final List<String> errors = new ArrayList<>();

    private ProfileReader() {}

    static Profile read(String text, String sourceName) throws ProfileException {
        ProfileReader reader = new ProfileReader();
        Profile profile = Part.read(text, reader.errors, reader::profile);
        if (!reader.errors.isEmpty() || profile == null) {
            throw new ProfileException(sourceName, reader.errors);
        }
        return profile;
    }

    private @Nullable Profile profile(Part root) {
        String id = root.text("id");
        if (!Topics.ID.matcher(id).matches()) {
            root.error("id", "'" + id + "' is not of the characters A-Z a-z 0-9 . _ : - (1 to 64)");
        }
        int version = root.wholeFromOne("version");
        LocalText name = root.localText("name");
        String category = root.text("category");
        if (!Profile.CATEGORIES.contains(category)) {
            root.error("category", "'" + category + "' is none of " + Profile.CATEGORIES);
        }
        List<SourcePattern> mqtt = List.of();
        List<SourcePattern> coap = List.of();
        List<CoapQuestion> questions = List.of();
        List<SourcePattern> coiot = List.of();
        Part sources = root.optionalObject("sources");
        if (sources != null) {
            mqtt = patterns(sources, "mqtt");
            coap = patterns(sources, "coap");
            questions = questions(sources);
            coiot = patterns(sources, "coiot");
            sources.end();
        }
        long intervalMs = 0;
        long silentAfterMs = 0;
        Part report = root.optionalObject("report");
        if (report != null) {
            intervalMs = report.durationMs("interval", 0);
            silentAfterMs = report.durationMs("silent-after", 0);
            if (silentAfterMs != 0 && silentAfterMs <= intervalMs) {
                report.error("silent-after", "must be longer than the interval");
            }
            report.end();
        }
        boolean buffering = root.flag("buffering", false);
        Map<String, Metric> metrics = metrics(root, intervalMs);
        CodecSpec codec = codec(root, metrics);
        List<Rule> rules = rules(root, id, version, metrics);
        Map<String, DeviceCommand> commands = CommandText.read(root);
        rules.forEach(rule -> checkNotHidden(root, rule, metrics.get(rule.metric())));
        root.end();
        if (!errors.isEmpty() || codec == null) {
            return null;
        }
        return new Profile(
                id,
                version,
                name,
                category,
                mqtt,
                coap,
                questions,
                coiot,
                metrics,
                rules,
                intervalMs,
                silentAfterMs,
                buffering,
                codec,
                commands);
    }

    private static List<SourcePattern> patterns(Part sources, String key) {
        List<SourcePattern> patterns = new ArrayList<>();
        for (String text : sources.texts(key)) {
            try {
                patterns.add(SourcePattern.of(text));
            } catch (IllegalArgumentException e) {
                sources.error(key, String.valueOf(e.getMessage()));
            }
        }
        return patterns;
    }

    private static List<CoapQuestion> questions(Part sources) {
        List<CoapQuestion> questions = new ArrayList<>();
        for (Part part : sources.objects("coap-client")) {
            String path = part.text("path");
            boolean observe = part.flag("observe", false);
            long everyMs = part.durationMs("every", 0);
            part.end();
            try {
                questions.add(new CoapQuestion(path, observe, everyMs));
            } catch (IllegalArgumentException e) {
                part.error("", String.valueOf(e.getMessage()));
            }
        }
        return questions;
    }

    private static Map<String, Metric> metrics(Part root, long intervalMs) {
        Map<String, Metric> metrics = new LinkedHashMap<>();
        Part all = root.object("metrics");
        if (all == null) {
            return metrics;
        }
        List<String> names = all.keys();
        if (names.isEmpty() || names.size() > MAX_METRICS) {
            all.error("", "needs 1 to " + MAX_METRICS + " metrics");
            return metrics;
        }
        for (String name : names) {
            Part part = all.object(name);
            if (part == null) {
                continue;
            }
            if (!Topics.ID.matcher(name).matches()) {
                part.error("", "the name is not of the characters A-Z a-z 0-9 . _ : - (1 to 64)");
            }
            String unit = part.text("unit");
            if (!Units.known(unit)) {
                part.error("unit", "'" + unit + "' is no unit that is known" + Units.advice(unit));
            }
            LocalText label = part.localText("label");
            double min = part.number("min");
            double max = part.number("max");
            Metric.Step step = step(part);
            long stuckAfterMs = stuckAfterMs(part, intervalMs);
            part.end();
            if (min < max) {
                metrics.put(name, new Metric(name, unit, label, min, max, step, stuckAfterMs));
            } else {
                part.error("min", min + " is not below max " + max);
            }
        }
        return metrics;
    }

    private static Metric.@Nullable Step step(Part metric) {
        Part part = metric.optionalObject("step");
        if (part == null) {
            return null;
        }
        double floor = part.number("floor");
        double rise = part.number("rise-per-second");
        double fall = part.number("fall-per-second");
        part.end();
        if (floor >= 0 && rise > 0 && fall > 0) {
            return new Metric.Step(floor, rise, fall);
        }
        part.error("", "floor must be 0 or more, the rates above 0");
        return null;
    }

    private static long stuckAfterMs(Part metric, long intervalMs) {
        long afterMs = metric.durationMs("stuck-after", 0);
        if (afterMs == 0) {
            return 0;
        }
        if (afterMs < Metric.MIN_STUCK_AFTER_MS || afterMs > Metric.MAX_STUCK_AFTER_MS) {
            metric.error("stuck-after", "must be 1h to 30d");
            return 0;
        }
        if (afterMs < FlatLine.MIN_READINGS * intervalMs) {
            metric.error("stuck-after", "must be " + FlatLine.MIN_READINGS + " report intervals or more");
        }
        return afterMs;
    }

    /** What is stuck may not alarm: a steady value must have had the time to. */
    private static void checkNotHidden(Part root, Rule rule, @Nullable Metric metric) {
        long neededMs = rule.onDelayMs() + rule.condition().steadyMs();
        if (metric != null && metric.stuckAfterMs() != 0 && neededMs >= metric.stuckAfterMs()) {
            root.error(
                    "metrics/" + metric.name() + "/stuck-after",
                    "must be longer than the " + neededMs / 1000 + " s that a steady value needs to raise "
                            + rule.id());
        }
    }

    private static @Nullable CodecSpec codec(Part root, Map<String, Metric> metrics) {
        Part part = root.object("codec");
        if (part == null) {
            return null;
        }
        String type = part.text("type");
        CodecSpec codec = null;
        if (type.equals("senml")) {
            List<String> recognise = part.texts("recognise");
            for (String metric : recognise) {
                if (!metrics.containsKey(metric)) {
                    part.error("recognise", "'" + metric + "' is no metric of this profile");
                }
            }
            codec = new CodecSpec.SenMl(part.flag("children", false), recognise);
        } else if (type.equals("json")) {
            codec = json(part, metrics);
        } else {
            part.error("type", "'" + type + "' is neither senml nor json");
        }
        part.end();
        return codec;
    }

    private static CodecSpec json(Part part, Map<String, Metric> metrics) {
        String device = part.optionalText("device");
        String devices = part.optionalText("devices");
        if (device != null && devices != null) {
            part.error("devices", "stands beside device; a message names its device in one way");
        }
        pointer(part, "device", device == null ? "" : device);
        pointer(part, "devices", devices == null ? "" : devices);
        List<CodecSpec.Field> fields = new ArrayList<>();
        for (Part field : part.objects("fields")) {
            fields.add(field(field, metrics));
        }
        if (fields.isEmpty()) {
            part.error("fields", "needs at least one field");
        }
        CodecSpec.Time time = null;
        Part timePart = part.optionalObject("time");
        if (timePart != null) {
            String path = pointer(timePart, "path", timePart.text("path"));
            CodecSpec.TimeFormat format = timePart.choice("format", CodecSpec.TimeFormat.class);
            timePart.end();
            time = format == null ? null : new CodecSpec.Time(path, format);
        }
        List<String> recognise = part.texts("recognise");
        recognise.forEach(path -> pointer(part, "recognise", path));
        List<String> secret = part.texts("secret");
        secret.forEach(path -> pointer(part, "secret", path));
        return new CodecSpec.Json(device, devices, fields, time, recognise, secret);
    }

    private static CodecSpec.Field field(Part part, Map<String, Metric> metrics) {
        String metric = part.text("metric");
        if (!metrics.containsKey(metric)) {
            part.error("metric", "'" + metric + "' is no metric of this profile");
        }
        String path = pointer(part, "path", part.text("path"));
        Map<String, Double> words = new LinkedHashMap<>();
        Part wordsPart = part.optionalObject("words");
        if (wordsPart != null) {
            for (String word : wordsPart.keys()) {
                words.put(word, wordsPart.number(word));
            }
        }
        CodecSpec.Field field = new CodecSpec.Field(
                metric,
                path,
                words,
                part.number("scale", 1),
                part.number("offset", 0),
                part.numbers("unknown"),
                part.numbers("fault"));
        part.end();
        return field;
    }

    private static String pointer(Part part, String key, String path) {
        try {
            JsonPointer.compile(path);
        } catch (IllegalArgumentException e) {
            part.error(key, "'" + path + "' is no JSON pointer such as /battery/percent");
        }
        return path;
    }

    private static List<Rule> rules(Part root, String profile, int version, Map<String, Metric> metrics) {
        List<Rule> rules = new ArrayList<>();
        Set<String> ids = new HashSet<>();
        List<Part> parts = root.objects("rules");
        if (parts.size() > MAX_RULES) {
            root.error("rules", "more than " + MAX_RULES);
            return rules;
        }
        for (Part part : parts) {
            String metric = part.text("metric");
            if (!metrics.containsKey(metric)) {
                part.error("metric", "'" + metric + "' is no metric of this profile");
            }
            Rule rule = RuleText.read(part, profile, version, metric, ids);
            part.end();
            if (rule != null) {
                rules.add(rule);
            }
        }
        metrics.values().forEach(metric -> addFaultRule(rules, profile, version, metric));
        return rules;
    }

    /** A broken sensor is in trouble whether its profile's author thought of it or not. */
    private static void addFaultRule(List<Rule> rules, String profile, int version, Metric metric) {
        String id = profile + "/" + metric.name() + FAULT;
        boolean said = rules.stream()
                .anyMatch(rule -> rule.id().equals(id)
                        || (rule.condition().isAboutFaults() && rule.metric().equals(metric.name())));
        if (!said) {
            rules.add(new Rule(
                    id,
                    version,
                    metric.name(),
                    new Condition.Faulty(),
                    FAULT_ON_DELAY_MS,
                    FAULT_OFF_DELAY_MS,
                    AlertKind.TROUBLE,
                    Severity.MINOR,
                    new LocalText(
                            metric.label().en() + ": sensor fault",
                            metric.label().zh() + "：传感器故障")));
        }
    }
}
