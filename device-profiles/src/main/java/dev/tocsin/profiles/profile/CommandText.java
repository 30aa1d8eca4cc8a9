package dev.tocsin.profiles.profile;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tocsin.profiles.wire.Topics;
import java.util.LinkedHashMap;
import java.util.Map;

/** The commands of a profile's file, read and written. */
final class CommandText {
    private static final int MAX_COMMANDS = 64;
    private static final int MAX_PAYLOAD = 4_096;
    private static final ObjectMapper JSON = new ObjectMapper();

    private CommandText() {}

    static Map<String, DeviceCommand> read(Part root) {
        Map<String, DeviceCommand> commands = new LinkedHashMap<>();
        Part all = root.optionalObject("commands");
        if (all == null) {
            return commands;
        }
        if (all.keys().size() > MAX_COMMANDS) {
            all.error("", "more than " + MAX_COMMANDS);
            return commands;
        }
        for (String name : all.keys()) {
            Part part = all.object(name);
            if (part != null) {
                if (!Topics.ID.matcher(name).matches()) {
                    part.error("", "the name is not of the characters A-Z a-z 0-9 . _ : - (1 to 64)");
                }
                commands.put(name, one(part, name));
            }
        }
        return commands;
    }

    private static DeviceCommand one(Part part, String name) {
        LocalText label = part.localText("label");
        String mqtt = part.optionalText("mqtt");
        String put = part.optionalText("coap-put");
        String post = part.optionalText("coap-post");
        String payload = part.text("payload");
        part.end();
        if ((mqtt == null ? 0 : 1) + (put == null ? 0 : 1) + (post == null ? 0 : 1) != 1) {
            part.error("", "needs one of mqtt, coap-put and coap-post");
        }
        if (payload.length() > MAX_PAYLOAD) {
            part.error("payload", "longer than " + MAX_PAYLOAD + " characters");
        }
        if (mqtt != null) {
            return new DeviceCommand(name, label, DeviceCommand.Way.MQTT, topic(part, mqtt), payload);
        }
        return put != null
                ? new DeviceCommand(name, label, DeviceCommand.Way.COAP_PUT, path(part, "coap-put", put), payload)
                : new DeviceCommand(
                        name,
                        label,
                        DeviceCommand.Way.COAP_POST,
                        post == null ? "" : path(part, "coap-post", post),
                        payload);
    }

    /** What is below {@code tocsin/} is the platform's own. */
    private static String topic(Part part, String topic) {
        if (topic.isEmpty() || topic.length() > 256 || topic.matches(".*[+#\\x00].*") || topic.startsWith("$")) {
            part.error("mqtt", "'" + topic + "' is no topic");
        }
        if (topic.equals("tocsin") || topic.startsWith("tocsin/")) {
            part.error("mqtt", "below tocsin/ nothing is a device's");
        }
        return topic;
    }

    private static String path(Part part, String key, String path) {
        if (!path.matches("[A-Za-z0-9._~{}/-]{1,256}") || path.startsWith("/")) {
            part.error(key, "'" + path + "' is no path such as relay/1");
        }
        return path;
    }

    static ObjectNode write(Map<String, DeviceCommand> commands) {
        ObjectNode all = JSON.createObjectNode();
        commands.forEach((name, command) -> {
            ObjectNode one = all.putObject(name);
            one.putObject("label")
                    .put("en", command.label().en())
                    .put("zh", command.label().zh());
            String key = switch (command.way()) {
                case MQTT -> "mqtt";
                case COAP_PUT -> "coap-put";
                case COAP_POST -> "coap-post";
            };
            one.put(key, command.target()).put("payload", command.payload());
        });
        return all;
    }
}
