package dev.tocsin.agent;

import dev.tocsin.agent.acquire.FieldBroker;
import dev.tocsin.agent.link.BrokerAddress;
import dev.tocsin.profiles.bundle.BundleException;
import dev.tocsin.profiles.bundle.BundleKeys;
import dev.tocsin.profiles.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code edge-agent check-config}: everything that is wrong at once, or the settings as they hold, without secrets. */
final class CheckConfig {
    /** Keys whose value nobody is shown; the path of a file with a secret is none. */
    private static final Pattern SECRET = Pattern.compile("(^|[.-])(password|secret|token|psk)$");

    private CheckConfig() {}

    static int run(Settings settings, Words words) {
        AgentConfig config;
        try {
            config = AgentConfig.from(settings);
        } catch (Settings.InvalidException e) {
            words.complain(String.valueOf(e.getMessage()), String.valueOf(e.getMessage()));
            return AgentCommand.WRONG_USE;
        }
        List<String> problems = problems(config);
        if (!problems.isEmpty()) {
            problems.forEach(problem -> words.complain(problem, problem));
            return AgentCommand.WRONG_USE;
        }
        for (Settings.Key key : settings.keys()) {
            String given = settings.given(key);
            String value = given == null ? key.defaultValue() : given;
            String shown = given != null && SECRET.matcher(key.name()).find() ? words.in("(set)", "（已设置）") : value;
            words.out.println(key.name() + " = " + shown + (given == null ? words.in("   (default)", "   （默认）") : ""));
        }
        words.say("the configuration is good", "配置正确");
        return AgentCommand.DONE;
    }

    /** What only this machine can tell. */
    private static List<String> problems(AgentConfig config) {
        List<String> problems = new ArrayList<>();
        BrokerAddress cloud = config.brokers().get(0);
        password("broker.password-file", cloud, problems);
        for (FieldBroker field : config.field()) {
            if (!field.address().equals(cloud)) {
                password(field.key("password-file"), field.address(), problems);
            }
        }
        Path folder = existing(config.data());
        if (!Files.isDirectory(folder) || !Files.isWritable(folder)) {
            problems.add("data = " + config.data() + ": " + folder + " is no folder that this user may write to");
        }
        keys(config.update().keys(), problems);
        return problems;
    }

    private static void password(String key, BrokerAddress broker, List<String> problems) {
        Path file = broker.passwordFile();
        if (file != null && !Files.isReadable(file)) {
            problems.add(key + " = " + file + " cannot be read by this user");
        }
    }

    /** The folder itself, or the nearest one above it that is there: the agent makes the rest. */
    private static Path existing(Path folder) {
        Path here = folder.toAbsolutePath();
        while (!Files.exists(here) && here.getParent() != null) {
            here = here.getParent();
        }
        return here;
    }

    private static void keys(@Nullable Path folder, List<String> problems) {
        if (folder == null) {
            return;
        }
        try {
            BundleKeys.trusted(List.of(folder));
        } catch (BundleException | IOException e) {
            problems.add("update.keys = " + folder + ": " + e.getMessage());
        }
    }
}
