package dev.tocsin.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.AnnotatedElement;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** What docs/CONFIG.md says of the options of {@code ./tocsin} is what the commands say. */
class CommandDocumentationTest {
    private static final Pattern VARIABLE = Pattern.compile("\\$\\{env:(\\w+)(?::-(.*))?}");

    @Test
    void everyOptionOfEveryCommandStandsThereAsItIs() throws IOException {
        Map<String, List<String>> commandsOf = new TreeMap<>();
        collect(Tocsin.commandLine(), "", commandsOf);
        List<String> options = new ArrayList<>();
        commandsOf.forEach((row, commands) -> options.add(row + " | " + String.join(", ", commands)));
        assertThat(documented()).containsExactlyInAnyOrderElementsOf(options);
    }

    private static void collect(CommandLine parent, String path, Map<String, List<String>> commandsOf) {
        parent.getSubcommands().forEach((name, command) -> {
            for (OptionSpec option : command.getCommandSpec().options()) {
                if (!option.usageHelp() && !option.versionHelp()) {
                    commandsOf
                            .computeIfAbsent(row(option), row -> new ArrayList<>())
                            .add(path + name);
                }
            }
            collect(command, path + name + " ", commandsOf);
        });
    }

    private static String row(OptionSpec option) {
        // The option itself has put the environment's value into its default already.
        Option written = ((AnnotatedElement) option.userObject()).getAnnotation(Option.class);
        Matcher variable = VARIABLE.matcher(written.defaultValue());
        boolean named = variable.matches();
        String otherwise = named ? variable.group(2) : option.defaultValue();
        if (otherwise == null) {
            otherwise = option.required() ? "required" : "none";
        }
        return "| `%s` | %s | `%s`"
                .formatted(option.longestName(), named ? "`" + variable.group(1) + "`" : "none", otherwise);
    }

    /** The rows of the section, without the last column. */
    private static List<String> documented() throws IOException {
        String reference = Files.readString(Path.of("../docs/CONFIG.md"));
        return reference
                .substring(reference.indexOf("\n## ./tocsin\n") + 1)
                .split("\n## ", 2)[0]
                .lines()
                .filter(line -> line.startsWith("| `--"))
                .map(line -> line.substring(0, line.lastIndexOf(" | ")))
                .toList();
    }
}
