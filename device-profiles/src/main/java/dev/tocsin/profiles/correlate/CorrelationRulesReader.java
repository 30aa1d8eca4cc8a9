package dev.tocsin.profiles.correlate;

import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.correlate.CorrelationRules.Chattering;
import dev.tocsin.profiles.correlate.CorrelationRules.Coincidence;
import dev.tocsin.profiles.correlate.CorrelationRules.Flood;
import dev.tocsin.profiles.correlate.CorrelationRules.Proof;
import dev.tocsin.profiles.correlate.CorrelationRules.Sequence;
import dev.tocsin.profiles.correlate.CorrelationRules.Spreading;
import dev.tocsin.profiles.correlate.CorrelationRules.Within;
import dev.tocsin.profiles.profile.LocalText;
import dev.tocsin.profiles.profile.Part;
import dev.tocsin.profiles.wire.Topics;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/** The text of correlation rules into {@link CorrelationRules}, or all that is wrong with it. */
final class CorrelationRulesReader {
    private static final int MAX_ENTRIES = 64;
    private static final long SHORTEST_MS = 1_000;
    private static final long LONGEST_WINDOW_MS = 24 * 3_600_000L;
    private static final long LONGEST_CHATTER_MS = 3_600_000;

    private final List<String> errors = new ArrayList<>();
    private final Map<String, Sign> signs = new LinkedHashMap<>();
    private final Set<String> ids = new HashSet<>();

    private CorrelationRulesReader() {}

    static CorrelationRules read(String text, String sourceName) throws CorrelationException {
        CorrelationRulesReader reader = new CorrelationRulesReader();
        CorrelationRules rules = Part.read(text, reader.errors, reader::rules);
        if (!reader.errors.isEmpty() || rules == null) {
            throw new CorrelationException(sourceName, reader.errors);
        }
        return rules;
    }

    private @Nullable CorrelationRules rules(Part root) {
        int version = root.wholeFromOne("version");
        Pattern building = building(root);
        signs(root);
        Chattering chattering = chattering(root.object("chattering"));
        List<Coincidence> coincidences = new ArrayList<>();
        for (Part part : entries(root, "coincidences")) {
            add(coincidences, coincidence(part));
        }
        List<Sequence> sequences = new ArrayList<>();
        for (Part part : entries(root, "sequences")) {
            add(sequences, sequence(part));
        }
        List<Spreading> spreadings = new ArrayList<>();
        for (Part part : entries(root, "spreadings")) {
            add(spreadings, spreading(part));
        }
        List<Flood> floods = new ArrayList<>();
        for (Part part : entries(root, "floods")) {
            add(floods, flood(part));
        }
        root.end();
        return building == null || chattering == null
                ? null
                : new CorrelationRules(
                        version,
                        building,
                        List.copyOf(signs.values()),
                        chattering,
                        coincidences,
                        sequences,
                        spreadings,
                        floods);
    }

    private static @Nullable Pattern building(Part root) {
        String text = root.text("building");
        try {
            return Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            root.error("building", "is no regular expression: " + e.getDescription());
            return null;
        }
    }

    private void signs(Part root) {
        Part all = root.object("signs");
        if (all == null) {
            return;
        }
        for (String name : all.keys()) {
            List<String> rules = all.texts(name);
            if (!Topics.ID.matcher(name).matches()) {
                all.error(name, "the name is not of the characters A-Z a-z 0-9 . _ : - (1 to 64)");
            }
            if (rules.isEmpty() || rules.size() > MAX_ENTRIES) {
                all.error(name, "names 1 to " + MAX_ENTRIES + " rules");
            }
            for (String rule : rules) {
                if (!Sign.RULE.matcher(rule).matches() || rule.equals("*/*")) {
                    all.error(name, "'" + rule + "' is no rule such as senml-room/smoke, */smoke or heat-en54-a1r/*");
                }
            }
            signs.put(name, new Sign(name, rules));
        }
    }

    private static @Nullable Chattering chattering(@Nullable Part part) {
        if (part == null) {
            return null;
        }
        int raises = count(part, "raises", 2, Chattering.MAX_RAISES);
        long withinMs = duration(part, "within", LONGEST_CHATTER_MS);
        long quietMs = duration(part, "quiet", LONGEST_CHATTER_MS);
        long remindMs = duration(part, "remind", LONGEST_CHATTER_MS);
        part.end();
        return new Chattering(raises, withinMs, quietMs, remindMs);
    }

    private @Nullable Coincidence coincidence(Part part) {
        Head head = head(part);
        List<Proof> anyOf = new ArrayList<>();
        for (Part proof : entries(part, "any")) {
            boolean each = proof.has("each");
            int devices = each ? 1 : count(proof, "devices", 2, Spreading.MAX_COUNTED);
            anyOf.add(new Proof(devices, signs(proof, each ? "each" : "of", each ? 2 : 1)));
            proof.end();
        }
        if (anyOf.isEmpty()) {
            part.error("any", "needs a proof");
        }
        Raise raise = raise(part);
        part.end();
        return raise == null || head == null
                ? null
                : new Coincidence(
                        head.id(), raise.name(), head.within(), head.windowMs(), anyOf, raise.kind(), raise.severity());
    }

    private @Nullable Sequence sequence(Part part) {
        Head head = head(part);
        List<Sign> steps = signs(part, "steps", 2);
        Raise raise = raise(part);
        part.end();
        return raise == null || head == null
                ? null
                : new Sequence(
                        head.id(), raise.name(), head.within(), head.windowMs(), steps, raise.kind(), raise.severity());
    }

    private @Nullable Spreading spreading(Part part) {
        Head head = head(part);
        List<Sign> of = signs(part, "of", 1);
        List<Spreading.Step> steps = new ArrayList<>();
        for (Part step : entries(part, "steps")) {
            int devices = count(step, "devices", 2, Spreading.MAX_COUNTED);
            int places = step.has("places") ? count(step, "places", 1, Spreading.MAX_COUNTED) : 1;
            Severity severity = step.choice("severity", Severity.class);
            step.end();
            if (!steps.isEmpty() && devices < steps.get(steps.size() - 1).devices()) {
                step.error("devices", "are fewer than those of the step before");
            }
            if (severity != null) {
                steps.add(new Spreading.Step(devices, places, severity));
            }
        }
        if (steps.isEmpty()) {
            part.error("steps", "needs a step");
        }
        part.end();
        return head == null ? null : new Spreading(head.id(), head.within(), head.windowMs(), of, steps);
    }

    private @Nullable Flood flood(Part part) {
        Head head = head(part);
        Set<AlertKind> kinds = EnumSet.noneOf(AlertKind.class);
        for (String kind : part.texts("kinds")) {
            try {
                kinds.add(AlertKind.valueOf(kind.toUpperCase(Locale.ROOT).replace('-', '_')));
            } catch (IllegalArgumentException e) {
                part.error("kinds", "'" + kind + "' is no kind of alert");
            }
        }
        if (kinds.isEmpty()) {
            part.error("kinds", "names none");
        }
        int count = count(part, "count", 2, Neighbourhood.MAX_MEMBERS / 2);
        part.end();
        return head == null ? null : new Flood(head.id(), head.within(), head.windowMs(), kinds, count);
    }

    /** What every rule has. */
    private record Head(String id, Within within, long windowMs) {}

    /** What every rule has that confirms something. */
    private record Raise(LocalText name, AlertKind kind, Severity severity) {}

    private @Nullable Head head(Part part) {
        String id = part.text("id");
        if (!Topics.ID.matcher(id).matches() || !ids.add(id)) {
            part.error("id", "'" + id + "' is no legal id, or stands twice");
        }
        Within within = part.choice("within", Within.class);
        long windowMs = duration(part, "window", LONGEST_WINDOW_MS);
        return within == null ? null : new Head(id, within, windowMs);
    }

    private static @Nullable Raise raise(Part part) {
        LocalText name = part.localText("name");
        AlertKind kind = part.choice("kind", AlertKind.class);
        Severity severity = part.choice("severity", Severity.class);
        if (kind != null && kind != AlertKind.ALARM && kind != AlertKind.SECURITY) {
            part.error("kind", "what is confirmed is an alarm or security");
        }
        return kind == null || severity == null ? null : new Raise(name, kind, severity);
    }

    private List<Sign> signs(Part part, String key, int fewest) {
        List<Sign> named = new ArrayList<>();
        for (String name : part.texts(key)) {
            Sign sign = signs.get(name);
            if (sign == null) {
                part.error(key, "there is no sign '" + name + "' among " + signs.keySet());
            } else {
                named.add(sign);
            }
        }
        if (named.size() < fewest) {
            part.error(key, "needs " + fewest + " signs at least");
        }
        return named;
    }

    private static List<Part> entries(Part part, String key) {
        List<Part> parts = part.objects(key);
        if (parts.size() > MAX_ENTRIES) {
            part.error(key, "more than " + MAX_ENTRIES);
        }
        return parts;
    }

    private static int count(Part part, String key, int least, int most) {
        int count = part.wholeFromOne(key);
        if (count != 0 && (count < least || count > most)) {
            part.error(key, "is not within " + least + " to " + most + ": " + count);
        }
        return count;
    }

    private static long duration(Part part, String key, long longestMs) {
        if (!part.has(key)) {
            part.error(key, "is missing");
        }
        long ms = part.durationMs(key, SHORTEST_MS);
        if (ms < SHORTEST_MS || ms > longestMs) {
            part.error(key, "is not within 1s to " + longestMs / 1_000 + "s");
        }
        return ms;
    }

    private static <T> void add(List<T> list, @Nullable T read) {
        if (read != null) {
            list.add(read);
        }
    }
}
