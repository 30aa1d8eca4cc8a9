package dev.tocsin.profiles.profile;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Locale;

/** A {@link Profile} as the JSON that {@link ProfileReader} reads. */
final class ProfileWriter {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ProfileWriter() {}

    static String write(Profile profile) {
        ObjectNode root = JSON.createObjectNode();
        root.put("id", profile.id()).put("version", profile.version());
        root.set("name", text(profile.name()));
        root.put("category", profile.category());
        ObjectNode sources = root.putObject("sources");
        sources.set("mqtt", strings(profile.mqttTopics()));
        sources.set("coap", strings(profile.coapPaths()));
        ArrayNode questions = sources.putArray("coap-client");
        profile.coapQuestions()
                .forEach(question -> questions
                        .addObject()
                        .put("path", question.path())
                        .put("observe", question.observe())
                        .put("every", Part.duration(question.everyMs())));
        sources.set("coiot", strings(profile.coiotTypes()));
        root.putObject("report")
                .put("interval", Part.duration(profile.reportIntervalMs()))
                .put("silent-after", Part.duration(profile.silentAfterMs()));
        root.put("buffering", profile.buffering());
        root.set("codec", codec(profile.codec()));
        ObjectNode metrics = root.putObject("metrics");
        profile.metrics().forEach((name, metric) -> metrics.set(name, metric(metric)));
        ArrayNode rules = root.putArray("rules");
        profile.rules().forEach(rule -> rules.add(RuleText.write(rule)));
        if (!profile.commands().isEmpty()) {
            root.set("commands", CommandText.write(profile.commands()));
        }
        return root.toString();
    }

    private static ObjectNode metric(Metric metric) {
        ObjectNode node = JSON.createObjectNode();
        node.put("unit", metric.unit());
        node.set("label", text(metric.label()));
        node.put("min", metric.min()).put("max", metric.max());
        Metric.Step step = metric.step();
        if (step != null) {
            node.putObject("step")
                    .put("floor", step.floor())
                    .put("rise-per-second", step.risePerSecond())
                    .put("fall-per-second", step.fallPerSecond());
        }
        if (metric.stuckAfterMs() != 0) {
            node.put("stuck-after", Part.duration(metric.stuckAfterMs()));
        }
        return node;
    }

    private static ObjectNode codec(CodecSpec codec) {
        ObjectNode node = JSON.createObjectNode();
        if (codec instanceof CodecSpec.SenMl senMl) {
            node.put("type", "senml").put("children", senMl.children());
        } else if (codec instanceof CodecSpec.Json json) {
            node.put("type", "json");
            if (json.device() != null) {
                node.put("device", json.device());
            }
            if (json.devices() != null) {
                node.put("devices", json.devices());
            }
            ArrayNode fields = node.putArray("fields");
            json.fields().forEach(field -> fields.add(field(field)));
            CodecSpec.Time time = json.time();
            if (time != null) {
                node.putObject("time").put("path", time.path()).put("format", word(time.format()));
            }
            node.set("secret", strings(json.secret()));
        }
        node.set("recognise", strings(codec.recognise()));
        return node;
    }

    private static ObjectNode field(CodecSpec.Field field) {
        ObjectNode node = JSON.createObjectNode();
        node.put("metric", field.metric()).put("path", field.path());
        node.put("scale", field.scale()).put("offset", field.offset());
        ObjectNode words = node.putObject("words");
        field.words().forEach(words::put);
        ArrayNode unknown = node.putArray("unknown");
        field.unknown().forEach(unknown::add);
        ArrayNode fault = node.putArray("fault");
        field.fault().forEach(fault::add);
        return node;
    }

    static ObjectNode text(LocalText text) {
        return JSON.createObjectNode().put("en", text.en()).put("zh", text.zh());
    }

    static ArrayNode strings(List<?> items) {
        ArrayNode array = JSON.createArrayNode();
        items.forEach(item -> array.add(item.toString()));
        return array;
    }

    static String word(Enum<?> constant) {
        return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
