package dev.tocsin.profiles.codec;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tocsin.profiles.codec.Harvest.Sample;
import dev.tocsin.profiles.codec.Harvest.SampleTime;
import dev.tocsin.profiles.profile.CodecSpec;
import dev.tocsin.profiles.profile.Metric;
import dev.tocsin.profiles.profile.Profile;
import dev.tocsin.profiles.reading.Rejected.Reason;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The fields of a JSON message as samples, as a profile maps them. */
final class JsonCodec {
    /** How a state is written as text. */
    private static final Map<String, Double> STATES = Map.of("true", 1.0, "false", 0.0, "on", 1.0, "off", 0.0);

    private final CodecSpec.Json spec;
    private final Profile profile;

    JsonCodec(CodecSpec.Json spec, Profile profile) {
        this.spec = spec;
        this.profile = profile;
    }

    /** @param part the device's part of the message */
    void harvest(JsonNode message, JsonNode part, String device, Harvest harvest) {
        SampleTime time = time(message, harvest);
        for (CodecSpec.Field field : spec.fields()) {
            JsonNode node = part.at(field.path());
            if (!node.isMissingNode() && !node.isNull()) {
                harvest(field, node, device, time, harvest);
            }
        }
    }

    private void harvest(CodecSpec.Field field, JsonNode node, String device, SampleTime time, Harvest harvest) {
        double raw = node.isValueNode() ? value(field, node) : Double.NaN;
        if (!Double.isFinite(raw)) {
            harvest.complain(
                    Reason.INVALID_VALUE,
                    field.path() + " is " + shown(node) + ", from which no value of " + field.metric()
                            + " can be made");
            return;
        }
        if (field.unknown().contains(raw)) {
            return;
        }
        double value = raw * field.scale() + field.offset();
        if (!Double.isFinite(value)) {
            harvest.complain(Reason.INVALID_VALUE, field.path() + " is beyond every number");
            return;
        }
        harvest.take(new Sample(device, field.metric(), value, field.fault().contains(raw), time));
    }

    private double value(CodecSpec.Field field, JsonNode node) {
        String text = node.asText().trim();
        Double word = field.words().get(text);
        if (word == null) {
            word = field.words().get(text.toLowerCase(Locale.ROOT));
        }
        if (word != null) {
            return word;
        }
        if (node.isBoolean()) {
            return node.booleanValue() ? 1 : 0;
        }
        Double state = node.isTextual() && isState(field.metric()) ? STATES.get(text.toLowerCase(Locale.ROOT)) : null;
        if (state != null) {
            return state;
        }
        return node.isNumber() ? node.doubleValue() : number(text);
    }

    private boolean isState(String name) {
        Metric metric = profile.metrics().get(name);
        return metric != null && metric.unit().isEmpty();
    }

    /** A number that came as text, with a decimal point or comma; NaN where it is none. */
    private static double number(String text) {
        int comma = text.indexOf(',');
        String plain =
                comma >= 0 && comma == text.lastIndexOf(',') && text.indexOf('.') < 0 ? text.replace(',', '.') : text;
        // Double.parseDouble alone would take "0x1p3", "1d" and "NaN".
        return plain.length() <= 40 && plain.matches("[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d{1,3})?")
                ? Double.parseDouble(plain)
                : Double.NaN;
    }

    private SampleTime time(JsonNode message, Harvest harvest) {
        CodecSpec.Time time = spec.time();
        if (time == null) {
            return SampleTime.NONE;
        }
        JsonNode node = message.at(time.path());
        if (node.isMissingNode()) {
            return SampleTime.NONE;
        }
        if (node.isNull()) {
            return SampleTime.UNSET;
        }
        double number =
                node.isNumber() ? node.doubleValue() : number(node.asText().trim());
        double ms = switch (time.format()) {
            case EPOCH_S -> number * 1000;
            case EPOCH_MS -> number;
            case ISO -> node.isNumber() ? number : isoMs(node.asText().trim());
        };
        if (Math.abs(ms) < 1e14) {
            return SampleTime.at(Math.round(ms));
        }
        harvest.complain(Reason.INVALID_VALUE, time.path() + " is " + shown(node) + ", which is no time");
        return SampleTime.UNSET;
    }

    private static double isoMs(String text) {
        try {
            return OffsetDateTime.parse(text).toInstant().toEpochMilli();
        } catch (DateTimeException | ArithmeticException e) {
            return isoUtcMs(text);
        }
    }

    private static double isoUtcMs(String text) {
        try {
            Instant instant = LocalDateTime.parse(text).toInstant(ZoneOffset.UTC);
            return instant.toEpochMilli();
        } catch (DateTimeException | ArithmeticException e) {
            return Double.NaN;
        }
    }

    private static String shown(JsonNode node) {
        if (node.isContainerNode()) {
            return node.isArray() ? "a list" : "an object";
        }
        String text = node.asText();
        return "'" + (text.length() > 40 ? text.substring(0, 40) + "…" : text) + "'";
    }

    /** Whether a message has every field by which the profile is recognised. */
    static boolean recognised(List<String> pointers, JsonNode message) {
        for (String pointer : pointers) {
            if (message.at(pointer).isMissingNode()) {
                return false;
            }
        }
        return true;
    }
}
