package dev.tocsin.standalone;

import dev.tocsin.standalone.platform.Backtest;
import dev.tocsin.standalone.platform.Layout;
import dev.tocsin.standalone.platform.Plan;
import dev.tocsin.standalone.platform.Ports;
import dev.tocsin.standalone.platform.StartException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "backtest",
        mixinStandardHelpOptions = true,
        description = "Judges archived readings again and prints what would have alarmed, against what did.")
final class BacktestCommand implements Callable<Integer> {
    @Option(
            names = "--data",
            defaultValue = "${env:TOCSIN_DATA:-data}",
            description = "data folder of the platform, running or stopped (${DEFAULT-VALUE})")
    private Path data = Path.of("data");

    @Option(names = "--from", required = true, description = "begin of the span: 2026-11-30T20:00:00+08:00")
    private OffsetDateTime from = OffsetDateTime.MIN;

    @Option(names = "--to", required = true, description = "end of the span, exclusive")
    private OffsetDateTime to = OffsetDateTime.MIN;

    @Option(names = "--rules", description = "rule set to try (YAML or JSON); without it the rules as they are")
    private @Nullable Path rules;

    @Option(
            names = "--warm-up",
            defaultValue = "P7D",
            description = "readings from so long before are judged first (${DEFAULT-VALUE})")
    private Duration warmUp = Duration.ofDays(7);

    @Option(
            names = "--tolerance",
            defaultValue = "PT1M",
            description = "by how much the onsets of one alert may differ (${DEFAULT-VALUE})")
    private Duration tolerance = Duration.ofMinutes(1);

    @Option(names = "--format", defaultValue = "table", description = "table or json (${DEFAULT-VALUE})")
    private Format format = Format.TABLE;

    @Option(
            names = "--mqtt-port",
            defaultValue = "${env:TOCSIN_MQTT_PORT:-1883}",
            description = "MQTT, where the platform runs (${DEFAULT-VALUE})")
    private int mqttPort;

    @Option(
            names = "--postgres-port",
            defaultValue = "${env:TOCSIN_POSTGRES_PORT:-5433}",
            description = "embedded PostgreSQL, where the platform runs (${DEFAULT-VALUE})")
    private int postgresPort;

    @Mixin
    private DatabaseOptions database = new DatabaseOptions();

    @Mixin
    private BrokerOptions broker = new BrokerOptions();

    private enum Format {
        TABLE,
        JSON
    }

    @Override
    public Integer call() throws StartException, InterruptedException {
        List<String> question = new ArrayList<>(List.of(
                "--from=" + from,
                "--to=" + to,
                "--warm-up-s=" + warmUp.toSeconds(),
                "--tolerance-s=" + tolerance.toSeconds(),
                "--format=" + format.name().toLowerCase(Locale.ROOT)));
        if (rules != null) {
            if (!Files.isReadable(rules)) {
                throw new StartException(rules + " cannot be read");
            }
            question.add("--rules=" + rules.toAbsolutePath());
        }
        Plan plan = new Plan(
                Layout.fromEnvironment(),
                data.toAbsolutePath(),
                Ports.free().with(mqttPort, postgresPort),
                Plan.GATEWAY,
                Plan.SHARDS,
                null,
                false,
                null,
                database.database(),
                broker.broker(),
                null);
        // The report alone goes to standard output.
        return Backtest.run(plan, question, System.err::println);
    }
}
