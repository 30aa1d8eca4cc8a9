package dev.tocsin.profiles.settings;

import dev.tocsin.profiles.alert.AlertKind;
import dev.tocsin.profiles.alert.Severity;
import dev.tocsin.profiles.profile.Part;
import dev.tocsin.profiles.settings.GatewaySettings.Origin;
import dev.tocsin.profiles.wire.Topics;
import java.net.URI;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The text of a gateway's settings into {@link GatewaySettings}, or all that is wrong with it. */
final class SettingsReader {
    private static final Set<String> LEVELS = Set.of("error", "warn", "info", "debug", "trace");
    private static final int MAX_NAMES = 1_000;
    private static final int MAX_ADDRESSES = 5_000;
    private static final int MAX_PAYLOAD = 4_096;
    private static final long LONGEST_PROGRAM_MS = 60_000;
    private static final Pattern TOPIC = Pattern.compile("[^+#$\\x00][^+#\\x00]{0,255}");

    private final List<String> errors = new ArrayList<>();
    private final Origin origin;

    private SettingsReader(Origin origin) {
        this.origin = origin;
    }

    static GatewaySettings read(String text, String sourceName, Origin origin) throws SettingsException {
        if (text.isBlank()) {
            return GatewaySettings.NONE;
        }
        SettingsReader reader = new SettingsReader(origin);
        GatewaySettings settings = Part.read(text, reader.errors, reader::settings);
        if (!reader.errors.isEmpty() || settings == null) {
            throw new SettingsException(sourceName, reader.errors);
        }
        return settings;
    }

    private GatewaySettings settings(Part root) {
        String level = root.optionalText("log-level");
        if (level != null && !LEVELS.contains(level)) {
            root.error("log-level", "'" + level + "' is none of error, warn, info, debug, trace");
        }
        List<Output> outputs = new ArrayList<>();
        Set<String> names = new HashSet<>();
        List<Part> parts = root.objects("outputs");
        if (parts.size() > GatewaySettings.MAX_OUTPUTS) {
            root.error("outputs", "more than " + GatewaySettings.MAX_OUTPUTS);
            return GatewaySettings.NONE;
        }
        for (Part part : parts) {
            Output output = output(part);
            if (!names.add(output.name())) {
                part.error("name", "'" + output.name() + "' stands twice");
            }
            outputs.add(output);
        }
        Map<String, String> addresses = addresses(root);
        root.end();
        return new GatewaySettings(level, outputs, addresses);
    }

    private Output output(Part part) {
        String name = part.text("name");
        if (!Topics.ID.matcher(name).matches()) {
            part.error("name", "'" + name + "' is not of the characters A-Z a-z 0-9 . _ : - (1 to 64)");
        }
        Part mqtt = part.optionalObject("mqtt");
        Part coap = part.optionalObject("coap");
        Part program = part.optionalObject("program");
        if ((mqtt == null ? 0 : 1) + (coap == null ? 0 : 1) + (program == null ? 0 : 1) != 1) {
            part.error("", "needs one of mqtt, coap and program");
        }
        Output.Driver driver = mqtt != null ? mqtt(mqtt) : coap != null ? coap(coap) : program(program);
        Output output = new Output(
                name,
                driver,
                scope(part.optionalObject("when")),
                part.flag("silenceable", true),
                part.flag("drills", false),
                part.flag("each-alert", false));
        part.end();
        return output;
    }

    private static Output.Driver mqtt(Part part) {
        String topic = part.text("topic");
        if (!TOPIC.matcher(topic).matches()) {
            part.error("topic", "'" + topic + "' is no topic");
        }
        if (topic.equals("tocsin") || topic.startsWith("tocsin/")) {
            part.error("topic", "below tocsin/ nothing is an output");
        }
        Output.Driver driver =
                new Output.Driver.Mqtt(topic, payload(part, "on"), payload(part, "off"), part.flag("retain", false));
        part.end();
        return driver;
    }

    private static Output.Driver coap(Part part) {
        String uri = part.text("uri");
        if (!isCoap(uri) || URI.create(uri).getPath().length() < 2) {
            part.error("uri", "'" + uri + "' is not of the form coap://host:port/path");
        }
        Output.Method method = part.has("method") ? part.choice("method", Output.Method.class) : Output.Method.PUT;
        Output.Driver driver = new Output.Driver.Coap(
                uri, method == null ? Output.Method.PUT : method, payload(part, "on"), payload(part, "off"));
        part.end();
        return driver;
    }

    private Output.Driver program(@Nullable Part part) {
        if (part == null) {
            return new Output.Driver.Program("", List.of(), 0);
        }
        if (origin == Origin.CLOUD) {
            part.error("", "a program is only named by a file of the gateway itself");
        }
        String program = part.text("path");
        if (!program.startsWith("/")) {
            part.error("path", "'" + program + "' is no absolute path");
        }
        List<String> arguments = part.texts("arguments");
        long timeoutMs = part.durationMs("timeout", 10_000);
        if (timeoutMs < 1 || timeoutMs > LONGEST_PROGRAM_MS) {
            part.error("timeout", "must be 1ms to " + LONGEST_PROGRAM_MS / 1_000 + "s");
        }
        part.end();
        return new Output.Driver.Program(program, arguments, timeoutMs);
    }

    private static @Nullable String payload(Part part, String key) {
        String payload = part.optionalText(key);
        if (payload != null && payload.length() > MAX_PAYLOAD) {
            part.error(key, "longer than " + MAX_PAYLOAD + " characters");
        }
        return payload;
    }

    private static Output.Scope scope(@Nullable Part part) {
        if (part == null) {
            return new Output.Scope(Set.of(AlertKind.ALARM), Set.of(), Set.of(), Set.of(), Set.of());
        }
        Output.Scope scope = new Output.Scope(
                choices(part, "kinds", AlertKind.class),
                choices(part, "severities", Severity.class),
                names(part, "areas"),
                names(part, "devices"),
                names(part, "rules"));
        part.end();
        return scope;
    }

    private static Set<String> names(Part part, String key) {
        Set<String> names = new HashSet<>(part.texts(key));
        if (names.size() > MAX_NAMES) {
            part.error(key, "more than " + MAX_NAMES);
        }
        return names;
    }

    private static <E extends Enum<E>> Set<E> choices(Part part, String key, Class<E> type) {
        Set<E> chosen = EnumSet.noneOf(type);
        for (String text : part.texts(key)) {
            String name = text.toUpperCase(Locale.ROOT).replace('-', '_');
            E found = EnumSet.allOf(type).stream()
                    .filter(constant -> constant.name().equals(name))
                    .findFirst()
                    .orElse(null);
            if (found == null) {
                part.error(key, "'" + text + "' is none of " + EnumSet.allOf(type));
            } else {
                chosen.add(found);
            }
        }
        return chosen;
    }

    private static Map<String, String> addresses(Part root) {
        Map<String, String> addresses = new LinkedHashMap<>();
        Part all = root.optionalObject("device-addresses");
        if (all == null) {
            return addresses;
        }
        if (all.keys().size() > MAX_ADDRESSES) {
            all.error("", "more than " + MAX_ADDRESSES);
        }
        for (String device : all.keys()) {
            String address = all.text(device);
            if (!isCoap(address)) {
                all.error(device, "'" + address + "' is not of the form coap://host:port");
            }
            addresses.put(device, address);
        }
        return addresses;
    }

    private static boolean isCoap(String text) {
        try {
            URI uri = new URI(text);
            return "coap".equals(uri.getScheme()) && uri.getHost() != null && uri.getUserInfo() == null;
        } catch (java.net.URISyntaxException e) {
            return false;
        }
    }
}
