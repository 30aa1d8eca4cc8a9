package dev.tocsin.profiles.codec;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tocsin.profiles.codec.Harvest.SampleTime;
import dev.tocsin.profiles.codec.Harvest.UnreadableException;
import dev.tocsin.profiles.reading.Rejected.Reason;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A SenML pack (RFC 8428) resolved: base fields applied, times absolute. A tree of JSON or CBOR enters, records leave.
 */
final class SenMlPack {
    /** Labels of CBOR, RFC 8428 table 4; in a tree they are texts of digits. */
    private static final Map<String, String> CBOR_LABELS = Map.ofEntries(
            Map.entry("-1", "bver"),
            Map.entry("-2", "bn"),
            Map.entry("-3", "bt"),
            Map.entry("-4", "bu"),
            Map.entry("-5", "bv"),
            Map.entry("-6", "bs"),
            Map.entry("0", "n"),
            Map.entry("1", "u"),
            Map.entry("2", "v"),
            Map.entry("3", "vs"),
            Map.entry("4", "vb"),
            Map.entry("5", "s"),
            Map.entry("6", "t"),
            Map.entry("7", "ut"),
            Map.entry("8", "vd"));
    /** Section 4.5.3: a time below this is relative to now. */
    private static final double RELATIVE_BELOW_S = 268_435_456;

    private static final int MAX_NAME = 200;
    /** The version of RFC 8428; a pack that says more needs a newer reader. */
    private static final int KNOWN_VERSION = 10;

    private String baseName = "";
    private double baseTimeS;
    private @Nullable String baseUnit;
    private double baseValue;

    /**
     * One record.
     *
     * @param at where in the pack, for sentences
     * @param value NaN where the record holds no number
     * @param text the value of a record that holds a text
     */
    record Entry(
            String at,
            String name,
            @Nullable String unit,
            double value,
            @Nullable String text,
            SampleTime time) {}

    private SenMlPack() {}

    static List<Entry> read(JsonNode tree, long receivedAtMs) throws UnreadableException {
        if (!tree.isArray()) {
            throw malformed("a SenML pack is an array of records");
        }
        if (tree.size() > MessageDecoder.MAX_READINGS) {
            throw new UnreadableException(
                    Reason.TOO_LARGE,
                    tree.size() + " records; more than " + MessageDecoder.MAX_READINGS + " are not read");
        }
        SenMlPack pack = new SenMlPack();
        List<Entry> entries = new ArrayList<>(tree.size());
        int i = 0;
        for (JsonNode record : tree) {
            String at = "record " + i++;
            if (!record.isObject()) {
                throw malformed(at + " is not an object");
            }
            Entry entry = pack.entry(at, labelled(record, at), receivedAtMs);
            if (entry != null) {
                entries.add(entry);
            }
        }
        return entries;
    }

    /** The record under its JSON labels. */
    private static ObjectNode labelled(JsonNode record, String at) throws UnreadableException {
        if (isLabelled(record)) {
            return (ObjectNode) record;
        }
        ObjectNode labelled = ((ObjectNode) record).objectNode();
        for (Map.Entry<String, JsonNode> field : record.properties()) {
            String label = CBOR_LABELS.getOrDefault(field.getKey(), field.getKey());
            if (label.endsWith("_")) {
                // Section 4.4: such a field must be understood.
                throw malformed(at + " has the field '" + cut(label) + "', which must be understood and is not");
            }
            if (labelled.has(label)) {
                throw malformed(at + " has the field '" + label + "' twice");
            }
            labelled.set(label, field.getValue());
        }
        return labelled;
    }

    /** What JSON says, as a rule. */
    private static boolean isLabelled(JsonNode record) {
        for (Map.Entry<String, JsonNode> field : record.properties()) {
            String label = field.getKey();
            if (label.endsWith("_") || CBOR_LABELS.containsKey(label)) {
                return false;
            }
        }
        return true;
    }

    private @Nullable Entry entry(String at, ObjectNode record, long receivedAtMs) throws UnreadableException {
        if (number(at, record, "bver", KNOWN_VERSION) > KNOWN_VERSION) {
            throw malformed(at + " is of SenML version " + record.get("bver") + ", known is " + KNOWN_VERSION);
        }
        baseName = text(at, record, "bn", baseName);
        baseTimeS = number(at, record, "bt", baseTimeS);
        baseUnit = record.has("bu") ? text(at, record, "bu", "") : baseUnit;
        baseValue = number(at, record, "bv", baseValue);
        boolean hasNumber = record.has("v");
        int values = (hasNumber ? 1 : 0)
                + (record.has("vb") ? 1 : 0)
                + (record.has("vs") ? 1 : 0)
                + (record.has("vd") ? 1 : 0);
        if (values > 1) {
            throw malformed(at + " has more than one value");
        }
        if (values == 0 && !record.has("s") && !record.has("n")) {
            return null;
        }
        String name = baseName + text(at, record, "n", "");
        if (!isName(name)) {
            throw malformed(at + ": '" + cut(name) + "' is no name of SenML");
        }
        String unit = record.has("u") ? text(at, record, "u", "") : baseUnit;
        SampleTime time = time(at, record, receivedAtMs);
        if (hasNumber) {
            return new Entry(at, name, unit, number(at, record, "v", 0) + baseValue, null, time);
        }
        JsonNode state = record.get("vb");
        if (state != null) {
            if (!state.isBoolean()) {
                throw malformed(at + ": vb is neither true nor false");
            }
            return new Entry(at, name, "", state.booleanValue() ? 1 : 0, null, time);
        }
        String text = record.has("vs") ? text(at, record, "vs", "") : null;
        return new Entry(at, name, unit, Double.NaN, text, time);
    }

    /** Section 4.5.1. */
    private static boolean isName(String name) {
        if (name.isEmpty() || name.length() > MAX_NAME || !isLetterOrDigit(name.charAt(0))) {
            return false;
        }
        for (int i = 1; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!isLetterOrDigit(c) && "-:./_".indexOf(c) < 0) {
                return false;
            }
        }
        return true;
    }

    private static boolean isLetterOrDigit(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    }

    private SampleTime time(String at, ObjectNode record, long receivedAtMs) throws UnreadableException {
        double timeS = baseTimeS + number(at, record, "t", 0);
        if (timeS == 0) {
            return SampleTime.NONE;
        }
        if (Math.abs(timeS) > 1e11) {
            throw malformed(at + ": time " + timeS + " s is beyond every calendar");
        }
        return SampleTime.at(Math.round(timeS * 1000) + (timeS < RELATIVE_BELOW_S ? receivedAtMs : 0));
    }

    private static double number(String at, ObjectNode record, String label, double fallback)
            throws UnreadableException {
        JsonNode value = record.get(label);
        if (value == null) {
            return fallback;
        }
        if (!value.isNumber()) {
            throw malformed(at + ": " + label + " is not a number");
        }
        double number = value.doubleValue();
        if (!Double.isFinite(number)) {
            throw new UnreadableException(Reason.INVALID_VALUE, at + ": " + label + " is not a finite number");
        }
        return number;
    }

    private static String text(String at, ObjectNode record, String label, String fallback) throws UnreadableException {
        JsonNode value = record.get(label);
        if (value == null) {
            return fallback;
        }
        if (!value.isTextual()) {
            throw malformed(at + ": " + label + " is not a text");
        }
        return value.textValue();
    }

    private static String cut(String text) {
        return text.length() > 60 ? text.substring(0, 60) + "…" : text;
    }

    private static UnreadableException malformed(String sentence) {
        return new UnreadableException(Reason.MALFORMED, sentence);
    }
}
