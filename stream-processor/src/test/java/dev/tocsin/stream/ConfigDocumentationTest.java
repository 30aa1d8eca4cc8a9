package dev.tocsin.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tocsin.profiles.config.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** What docs/CONFIG.md says of keys, units, defaults and ranges is what the code says. */
class ConfigDocumentationTest {
    @Test
    void everyKeyOfProvisioningStandsThereAsItIs() throws IOException {
        assertThat(documented("provision")).containsExactlyInAnyOrderElementsOf(asRead(Provision.Site::read));
    }

    @Test
    void everyKeyOfTheAlarmJobStandsThereAsItIs() throws IOException {
        assertThat(documented("alarm-job")).containsExactlyInAnyOrderElementsOf(asRead(AlarmJob::describe));
    }

    @Test
    void everyKeyOfTheArchiveJobStandsThereAsItIs() throws IOException {
        assertThat(documented("archive-job")).containsExactlyInAnyOrderElementsOf(asRead(ArchiveJob::describe));
    }

    @Test
    void everyKeyOfTheBacktestStandsThereAsItIs() throws IOException {
        assertThat(documented("backtest"))
                .containsExactlyInAnyOrderElementsOf(
                        asRead(BacktestJob.Task::read, "--from=2026-03-01T08:00:00Z", "--to=2026-03-01T10:00:00Z"));
    }

    private static List<String> asRead(Consumer<Settings> process, String... arguments) {
        Settings settings = new Settings(arguments, Map.of());
        process.accept(settings);
        return settings.keys().stream()
                .map(key -> "| `%s` | `%s` | %s | `%s` | %s"
                        .formatted(
                                key.name(),
                                key.variable(),
                                key.unit(),
                                key.defaultValue().isEmpty() ? "\"\"" : key.defaultValue(),
                                key.range()))
                .toList();
    }

    /** The rows of one section, without the last column. */
    private static List<String> documented(String process) throws IOException {
        String reference = Files.readString(Path.of("../docs/CONFIG.md"));
        return reference
                .substring(reference.indexOf("\n## " + process + "\n") + 1)
                .split("\n## ", 2)[0]
                .lines()
                .filter(line -> line.startsWith("| `"))
                .map(line -> line.substring(0, line.lastIndexOf(" | ")))
                .toList();
    }
}
