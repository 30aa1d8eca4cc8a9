package dev.tocsin.stream;

import dev.tocsin.profiles.config.Settings;
import dev.tocsin.profiles.site.RuleSetException;
import dev.tocsin.stream.backtest.Backtest;
import dev.tocsin.stream.backtest.RefusedException;
import dev.tocsin.stream.backtest.Report;
import dev.tocsin.stream.backtest.SiteState;
import dev.tocsin.stream.broker.BrokerAccess;
import dev.tocsin.stream.broker.RetainedState;
import dev.tocsin.stream.recorded.Timekeeping;
import dev.tocsin.stream.run.JobConfig;
import dev.tocsin.stream.run.JobRun;
import dev.tocsin.stream.source.Uplink;
import dev.tocsin.stream.store.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import org.eclipse.paho.mqttv5.common.MqttException;
import org.jspecify.annotations.Nullable;

/**
 * The alarm job's workflow over archived readings, as a job that ends: prints what would have alarmed, against what did.
 * It reads the archive and the site's retained state, and changes nothing anywhere.
 */
public final class BacktestJob {
    /** Alerts are published nowhere, so the uplink's shards have no meaning. */
    private static final int SHARDS = 1;

    private BacktestJob() {}

    /**
     * What it is told.
     *
     * @param broker where the site's profiles, rule sets and gateways are; null to do without
     * @param rules file of the rule set to try; null for the rules as they are
     */
    record Task(
            Database database,
            @Nullable BrokerAccess broker,
            @Nullable Path rules,
            Instant from,
            Instant to,
            Duration warmUp,
            Duration tolerance,
            Report report) {

        static Task read(Settings settings) {
            String rules = settings.optional("rules");
            Instant from = instant(settings, "from");
            Instant to = instant(settings, "to");
            if (!from.isBefore(to)) {
                settings.refuse("--from " + from + " is not before --to " + to);
            }
            Duration warmUp = Duration.ofSeconds(settings.whole("warm-up-s", "s", 604_800, 0, 31_622_400));
            Duration tolerance = Duration.ofSeconds(settings.whole("tolerance-s", "s", 60, 0, 86_400));
            Report report = settings.choice("format", Report.class, Report.TABLE);
            Database database = Database.read(settings);
            BrokerAccess broker = JobConfig.broker(settings);
            boolean fromBroker = settings.flag("site.from-broker", true);
            settings.finish();
            return new Task(
                    database,
                    fromBroker ? broker : null,
                    rules == null ? null : Path.of(rules),
                    from,
                    to,
                    warmUp,
                    tolerance,
                    report);
        }

        private static Instant instant(Settings settings, String key) {
            String text = settings.required(key);
            try {
                return text.isEmpty()
                        ? Instant.EPOCH
                        : OffsetDateTime.parse(text).toInstant();
            } catch (DateTimeException e) {
                settings.refuse("--" + key + " = '" + text
                        + "' is not of the form 2026-11-30T12:00:00Z or 2026-11-30T20:00:00+08:00");
                return Instant.EPOCH;
            }
        }
    }

    /** Exits with 2 for wrong use, a wrong rule set among it, and with 1 for a fault. */
    public static void main(String[] args) {
        try {
            System.out.print(run(Task.read(new Settings(args, System.getenv()))));
            System.out.flush();
            // Nothing is left to wait for, whatever threads there are.
            System.exit(0);
        } catch (RuleSetException | RefusedException e) {
            System.err.println(e.getMessage());
            System.exit(2);
        } catch (Exception e) {
            JobRun.exit(e);
        }
    }

    /** The report. */
    static String run(Task task) throws Exception {
        SiteState site = SiteState.of(retained(task.broker()));
        if (task.rules() != null) {
            site = site.with(text(task.rules()), task.rules().toString());
        }
        Backtest backtest =
                new Backtest(task.database(), site, task.from(), task.to(), task.warmUp(), task.tolerance());
        try {
            Backtest.Result result = backtest.run(
                    (env, source) -> AlarmJob.publications(env, new Uplink(source), SHARDS, Timekeeping.RECORDED));
            return task.report().of(backtest, result);
        } catch (SQLException e) {
            throw new IOException("the archive " + task.database() + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static Map<String, byte[]> retained(@Nullable BrokerAccess broker)
            throws IOException, InterruptedException {
        if (broker == null) {
            return Map.of();
        }
        try {
            return RetainedState.read(broker);
        } catch (MqttException e) {
            throw new IOException("the rules as they are cannot be had from the broker " + broker + ": " + e, e);
        }
    }

    private static String text(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new IOException("the rule set " + file + " cannot be read: " + e, e);
        }
    }
}
