package dev.tocsin.agent.observe;

import dev.tocsin.agent.link.BrokerAddress;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Takes secrets out of what leaves the gateway for people to read. Safe for any thread. */
public final class Secrets {
    private static final String HIDDEN = "***";
    private static final Pattern SECRET_KEY = Pattern.compile(".*(password|secret|token|psk|private|credential).*");
    /** What names a file holds no secret. */
    private static final String FILE = "-file";

    private static final Pattern SAID = Pattern.compile(
            "(?i)((?:password|passwd|secret|token|psk|authorization)[\"']?\\s*[=:]\\s*[\"']?)[^\\s\"',;}]+");
    /** Shorter ones would tear words apart, and are none. */
    private static final int SHORTEST = 4;

    private final List<Path> files = new ArrayList<>();
    private final List<String> known = new ArrayList<>();

    /** @param brokers whose passwords are never told, whatever text they stand in */
    public Secrets(List<BrokerAddress> brokers) {
        for (BrokerAddress broker : brokers) {
            add(known, broker.password());
            if (broker.passwordFile() != null) {
                files.add(broker.passwordFile());
            }
        }
    }

    private static void add(List<String> secrets, @Nullable String secret) {
        if (secret != null && secret.length() >= SHORTEST) {
            secrets.add(secret);
        }
    }

    public String hide(String text) {
        List<String> secrets = new ArrayList<>(known);
        for (Path file : files) {
            try {
                add(secrets, Files.readString(file, StandardCharsets.UTF_8).strip());
            } catch (IOException e) {
                // What cannot be read now was not read before either, or was changed and is worth nothing.
            }
        }
        String hidden = text;
        for (String secret : secrets) {
            hidden = hidden.replace(secret, HIDDEN);
        }
        return SAID.matcher(hidden).replaceAll("$1" + HIDDEN);
    }

    /** Values by key; of a key that names a secret only whether there is one. */
    public static Map<String, String> shown(Map<String, String> values) {
        Map<String, String> shown = new LinkedHashMap<>();
        values.forEach((key, value) -> {
            String name = key.toLowerCase(Locale.ROOT);
            boolean secret = SECRET_KEY.matcher(name).matches() && !name.endsWith(FILE);
            shown.put(key, secret && !value.equals("none") ? HIDDEN : value);
        });
        return shown;
    }
}
